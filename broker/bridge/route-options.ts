// What a route is made of, and works with.

import type { Broker } from '../core/broker.ts';
import type { Queue } from '../core/queue.ts';
import type { Clock } from '../util/clock.ts';
import type { Log } from '../util/log.ts';
import type { Choice } from './choice.ts';
import type { KeyExpression } from './key-expression.ts';
import type { ForeignFields } from './mapping.ts';
import type { RemoteTarget } from './remote.ts';
import type { Replies } from './replies.ts';
import type { Shadow } from './shadow.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';

export interface RouteOptions {
  readonly name: string;
  readonly source: Source;
  readonly target: Target | RemoteTarget;
  /** What becomes of a message with fields that the target cannot hold. */
  readonly onLoss: 'drop-field' | 'dead-letter';
  /** Of targets that need one. */
  readonly key?: KeyExpression | undefined;
  /** Which messages cross; the source gives no others, unless it cannot tell them. */
  readonly choice?: Choice | undefined;
  /** Where to what the target refuses; made when it is needed. */
  readonly deadLetter: () => Queue;
  /** Messages a second; absent: as many as there are. */
  readonly rate?: number | undefined;
  /** It does not run until it is told to. */
  readonly paused?: boolean;
  /** What is to come back for a message that asks for a reply. */
  readonly replies?: Replies | undefined;
  readonly foreignFields?: ForeignFields | undefined;
  /** It copies without consuming; what it copies from is the source. Absent: it moves. */
  readonly shadow?: Shadow | undefined;
}

export interface RouteContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
}
