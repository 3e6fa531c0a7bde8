// What the console is told of the engine by whoever puts it together (engine.ts): the core as it is, and, of the
// layers that control does not know, as much as it shows.

import type { Broker } from '../core/broker.ts';
import type { Clients } from '../core/clients.ts';
import type { Queue } from '../core/queue.ts';
import type { LedgerRow, LossRow, Overview, Preview, PreviewMessage, RouteState } from './api.ts';

export interface ConsoleEngine {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly dataDirectory: string;
  readonly broker: Broker;
  readonly clients: Clients;
  readonly routes: readonly ConsoleRoute[];
  /** Those that are open now. */
  listeners(): Overview['listeners'];
  /**
   * Sends a message to a queue of the AWS world, by the rules of its API; resolves with its identifier once it is
   * stored.
   * @throws BrokerError `invalid`, in the API's words.
   */
  sendToCloud(queue: Queue, message: CloudMessage): Promise<string>;
  /** @throws BrokerError `invalid` for a message that is none, `not-found` for another route. */
  previewRoute(name: string, message: PreviewMessage): Preview;
}

export interface CloudMessage {
  readonly body: string;
  readonly attributes: ReadonlyMap<string, string>;
}

export interface ConsoleRoute {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly state: RouteState;
  readonly error: string | undefined;
  /** Since the route was made. */
  readonly transferred: number;
  readonly deadLettered: number;
  losses(): readonly LossRow[];
  ledger(): readonly LedgerRow[];
  pause(): void;
  resume(): void;
  drain(): void;
  /** @throws BrokerError `unsupported` where the source is no stream. */
  rewind(to: number): Promise<void>;
  /** Resolves with the number of dead letters that are tried again. */
  retryDead(): Promise<number>;
}
