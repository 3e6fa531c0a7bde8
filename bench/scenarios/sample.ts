import type { Usage } from '../measure/usage.ts';

/** One figure of one run. */
export interface Sample {
  /** Which of a scenario's figures; empty where it has one. */
  readonly what: string;
  readonly perSecond: number;
  readonly count: number;
  readonly usage: Usage;
}

export interface Timing {
  readonly warmUpMs: number;
  readonly measureMs: number;
}
