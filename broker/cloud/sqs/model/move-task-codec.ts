// A task that moves messages, as the store keeps it: JSON that nobody else writes.

import type { MoveTaskState } from './move-task.ts';

export function encodeTask(state: MoveTaskState): Uint8Array {
  return Buffer.from(JSON.stringify(state));
}

export function decodeTask(value: Buffer): MoveTaskState {
  return JSON.parse(value.toString()) as MoveTaskState;
}
