// A peer that is a program of a Debian package: started in a directory of its own, ready when its ports are open, and
// ended with everything that it started.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { now } from '../measure/clock.ts';

export interface Program extends AsyncDisposable {
  readonly pid: number;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Open once it is ready. */
  readonly ports: readonly number[];
}

const startMs = 60_000;
const pollMs = 100;

export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { command, args, environment, directory, ports } = options;
  const child = spawn(command, args, {
    cwd: directory,
    env: { ...process.env, ...environment },
    // A group of its own, so that whatever it starts ends with it.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-5000)));
  const program = {
    pid: child.pid!,
    [Symbol.asyncDispose]: async () => {
      await end(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
  const deadline = now() + startMs;
  for (const port of ports) {
    while (!(await isOpen(port))) {
      if (child.exitCode !== null || now() > deadline) {
        await program[Symbol.asyncDispose]();
        throw new Error(`${command} does not start:\n${errors}`);
      }
      await delay(pollMs);
    }
  }
  return program;
}

/** A directory that any user may write to: some peers change to a user of their own. */
export async function openDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-peer-'));
  await chmod(directory, 0o777);
  return directory;
}

/** The first of these files that is there and can be run; undefined: the package is not installed. */
export function installed(...candidates: readonly string[]): string | undefined {
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The jars of a folder whose names begin so. */
export function jars(folder: string, ...beginnings: readonly string[]): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const wanted = names.filter((name) => name.endsWith('.jar') && beginnings.some((start) => name.startsWith(start)));
  return wanted.map((name) => join(folder, name));
}

async function end(child: ChildProcess): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // All of the group has ended.
  }
  await exited;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
