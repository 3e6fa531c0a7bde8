// `npm start`: the desktop app where Electron's binary and a display are there, else the headless engine with its
// console. Plain Node, in a checkout; a package starts at index.ts. Arguments go to the engine unchanged.
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants as fileModes, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRendererIfStale } from './renderer-build.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const configuration = join(project, 'examples/causeway.yml');
/** As in package.json. With less, engines of many connections are slower; with more, they only hold more. */
const engineFlags = ['--max-semi-space-size=16'];

/**
 * The Electron package comes without its binary, and importing it would fetch it; `install-electron` does that. Another
 * place for the binary is told as to the package itself: ELECTRON_OVERRIDE_DIST_PATH.
 */
function electronBinary(): string | undefined {
  const home = join(project, 'node_modules/electron');
  const elsewhere = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  try {
    const binary = elsewhere
      ? join(elsewhere, 'electron')
      : join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8'));
    accessSync(binary, fileModes.X_OK);
    return binary;
  } catch {
    return undefined;
  }
}

function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/** Why the desktop app cannot run here; undefined if it can. */
function hindrance(binary: string | undefined): string | undefined {
  if (binary === undefined) return "Electron's binary is not installed (npx install-electron fetches it)";
  if (!hasDisplay()) return 'there is no display';
  if (process.platform === 'linux' && process.getuid?.() === 0) return "Electron's sandbox does not run as root";
  return undefined;
}

async function buildShell(): Promise<void> {
  const { createBuilder } = await import('vite');
  const builder = await createBuilder({ configFile: join(project, 'vite.config.ts'), logLevel: 'warn' });
  for (const name of ['engine', 'main', 'preload']) {
    const environment = builder.environments[name];
    if (environment !== undefined) await builder.build(environment);
  }
}

/** Runs the program in this one's place: signals go to it, and its end is ours. */
function become(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // A terminal sends Ctrl-C to the child itself; a second one would mean: stop at once.
    const fromTerminal = signal === 'SIGINT' && process.stdin.isTTY;
    process.on(signal, () => fromTerminal || child.kill(signal));
  }
  stopWithParent(child);
  child.on('error', (error) => {
    console.error(`start ${program}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}

/** npm's shell ends on SIGTERM without passing it on; then it is passed on from here. */
function stopWithParent(child: ChildProcess): void {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, 250);
  child.on('exit', () => clearInterval(look));
}

await buildRendererIfStale();
const electron = electronBinary();
const reason = hindrance(electron);
const passedOn = process.argv.slice(2);
if (electron !== undefined && reason === undefined) {
  await buildShell();
  become(electron, [project, '--config', configuration, ...passedOn]);
} else {
  console.error(`No desktop app: ${reason}. Running the engine with its console in the browser.`);
  const engine = [...engineFlags, join(project, 'broker/cli.ts'), 'serve', '--config', configuration];
  become(process.execPath, [...engine, ...passedOn]);
}
