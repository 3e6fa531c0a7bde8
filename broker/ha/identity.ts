// Who this process is, as others on the same store see it, and how to end one that holds the store and hangs.

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Holder } from '../core/store.ts';

/** `now`: milliseconds since the epoch. */
export function thisProcess(now: number): Holder {
  return { pid: process.pid, host: hostname(), since: now, processStart: processStart(process.pid) };
}

export function describeHolder(holder: Holder | undefined): string {
  if (holder === undefined) return 'another process';
  return `process ${holder.pid} on ${holder.host}, since ${new Date(holder.since).toISOString()}`;
}

/**
 * Kills the holder's process if it is on this host and is still the one that took the store.
 * @returns false when there is nothing here to kill.
 */
export function killHolder(holder: Holder): boolean {
  if (holder.host !== hostname() || holder.pid === process.pid) return false;
  // A process whose start is not known might be another one by now.
  if (holder.processStart === undefined || processStart(holder.pid) !== holder.processStart) return false;
  try {
    process.kill(holder.pid, 'SIGKILL');
    return true;
  } catch {
    // It ended just now.
    return false;
  }
}

/** When the process began, in the system's own terms; undefined where the system does not say. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Field 22, counted after the command's name, which may itself hold spaces and brackets (proc(5)).
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
