// Programs of Debian packages that tests talk to: real clients, brokers and the browser. A test file asks once,
//   const mosquitto = debian('mosquitto-clients', 'mosquitto_pub');
//   describe.skipIf(!mosquitto.present)('…', () => { … mosquitto.path … });
// and is skipped where the package is not installed, which the end of the run says. With CI=true, asking throws.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

export interface Program {
  readonly present: boolean;
  /** The program's absolute path; empty where it is not there. */
  readonly path: string;
}

const folders = ['/usr/bin', '/usr/sbin', '/usr/local/bin'];

/** Debian's own Python: the one its python3-* packages belong to, whatever `python3` is first on the PATH. */
const python = '/usr/bin/python3';

/** A program of a Debian package. */
export function debian(packageName: string, program: string): Program {
  const path = folders.map((folder) => join(folder, program)).find(isExecutable);
  return found(packageName, path);
}

/** Whether a file of a Debian package, which is no program, is there. */
export function debianFile(packageName: string, file: string): boolean {
  return found(packageName, existsSync(file) ? file : undefined).present;
}

/** Whether a package is there that CI does without, since it is large: its tests are skipped there, too. */
export function debianBesides(packageName: string, isPresent: boolean): boolean {
  if (!isPresent) noteMissing(packageName);
  return isPresent;
}

/** Debian's Python, where it can import `module` of `packageName`. */
export function debianPython(packageName: string, module: string): Program {
  return found(packageName, isExecutable(python) && canImport(module) ? python : undefined);
}

function found(packageName: string, path: string | undefined): Program {
  if (path !== undefined) return { present: true, path };
  if (process.env['CI'] === 'true') throw new Error(`Debian package ${packageName} is not installed, and CI=true`);
  noteMissing(packageName);
  return { present: false, path: '' };
}

function noteMissing(packageName: string): void {
  writeFileSync(join(inject('missingPackages'), packageName), '');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function canImport(module: string): boolean {
  try {
    execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
