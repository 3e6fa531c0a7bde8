// Notices that the process which started this one is gone. npm runs a script through a shell, and a shell that is sent
// SIGTERM ends without a word to the program in it: that program would go on with no one to stop it.

import type { Clock, Timer } from './clock.ts';

const lookEveryMs = 250;

/** True for a program that an npm script started, directly or not. */
export function isRunByNpm(): boolean {
  return process.env['npm_lifecycle_event'] !== undefined;
}

/** Calls `run` once, when this process has another parent than now. Windows never gives it one. */
export function whenParentIsGone(clock: Clock, run: () => void): Timer {
  const parent = process.ppid;
  const look = (): Timer =>
    clock.after(lookEveryMs, () => {
      if (process.ppid === parent) timer = look();
      else run();
    });
  let timer = look();
  return { cancel: () => timer.cancel() };
}
