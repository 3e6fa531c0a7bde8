// One task that moves messages: what is kept of it, and its handle.

import type { Clock, Timer } from '../../../util/clock.ts';

export interface MoveTaskState {
  readonly id: string;
  readonly sourceArn: string;
  /** Undefined: each message goes where it came from. */
  readonly destinationArn: string | undefined;
  /** Undefined: as fast as it goes. */
  readonly perSecond: number | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** What there was when it began. */
  readonly toMove: number;
  readonly moved: number;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  readonly failureReason: string | undefined;
}

export class MoveTask {
  state: MoveTaskState;
  #timer: Timer | undefined;
  #wake: (() => void) | undefined;

  constructor(state: MoveTaskState) {
    this.state = state;
  }

  get isActive(): boolean {
    const { status } = this.state;
    return status === 'RUNNING' || status === 'CANCELLING';
  }

  /** What AWS gives out: the task's id and its source, so that the one can be found by the other. */
  get handle(): string {
    const { id: taskId, sourceArn } = this.state;
    return Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64');
  }

  /** Resolves after the time, or once somebody wakes it. */
  rest(clock: Clock, ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = clock.after(ms, resolve);
    });
  }

  wake(): void {
    this.#timer?.cancel();
    this.#wake?.();
  }
}

/** Undefined for what was never a handle. */
export function parseTaskHandle(text: string): { readonly taskId: string; readonly sourceArn: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('taskId' in value) || !('sourceArn' in value)) return undefined;
  const { taskId, sourceArn } = value;
  return typeof taskId === 'string' && typeof sourceArn === 'string' ? { taskId, sourceArn } : undefined;
}
