// The WebSocket of the live feed, for as long as the page is open: connects, watches for silence, and connects again
// with back-off, which after a failover is to the engine that took over the address.

import type { LiveBatch } from '../../broker/control/api.ts';
import { EngineError } from './engine-client.ts';
import { isLiveBatch } from './shapes.ts';

/** The engine sends at least every two seconds; a longer silence means that it is stopped or unreachable. */
const silenceMs = 6_000;
const firstRetryMs = 150;
const longestRetryMs = 4_000;
const tooSoonMs = 1_000;

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `since`: when the engine was last heard of; `attempt`: how many tries have failed. */
  | { readonly kind: 'away'; readonly since: number; readonly attempt: number }
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'other-version' };

export interface LiveConnectionOptions {
  readonly token: string;
  readonly onBatch: (batch: LiveBatch) => void;
  readonly onState: (state: ConnectionState) => void;
  /** A refused WebSocket does not say why; this asks. Throws an EngineError. */
  readonly probe: () => Promise<unknown>;
}

export class LiveConnection {
  readonly #options: LiveConnectionOptions;
  #socket: WebSocket | undefined;
  #timer: number | undefined;
  #attempt = 0;
  #heardAt = Date.now();
  #closed = false;

  constructor(options: LiveConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#closed = false;
    this.#options.onState({ kind: 'connecting' });
    this.#connect();
    window.addEventListener('online', this.#retryNow);
    document.addEventListener('visibilitychange', this.#retryWhenSeen);
  }

  close(): void {
    this.#closed = true;
    window.removeEventListener('online', this.#retryNow);
    document.removeEventListener('visibilitychange', this.#retryWhenSeen);
    window.clearTimeout(this.#timer);
    this.#drop();
  }

  /** Ends the wait between two tries. Does nothing while connected. */
  retryNow(): void {
    this.#retryNow();
  }

  #connect(): void {
    this.#drop();
    const address = new URL('/api/live', location.href.replace(/^http/, 'ws'));
    const socket = new WebSocket(address, ['causeway.live', `bearer.${this.#options.token}`]);
    this.#socket = socket;
    // A socket that was dropped is still heard of; what it says is of the past.
    socket.addEventListener('message', ({ data }) => socket === this.#socket && this.#receive(data));
    socket.addEventListener('close', () => socket === this.#socket && void this.#lost());
    this.#watch();
  }

  #receive(data: unknown): void {
    this.#attempt = 0;
    this.#heardAt = Date.now();
    this.#watch();
    const batch = typeof data === 'string' ? parseBatch(data) : undefined;
    if (batch === undefined) return this.#giveUp('other-version');
    if (batch.snapshot) this.#options.onState({ kind: 'live' });
    this.#options.onBatch(batch);
  }

  #watch(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#lost(), silenceMs);
  }

  async #lost(): Promise<void> {
    this.#drop();
    const attempt = (this.#attempt += 1);
    this.#options.onState({ kind: 'away', since: this.#heardAt, attempt });
    this.#scheduleRetry();
    const refusal = await this.#refusal();
    if (refusal !== undefined && attempt === this.#attempt) this.#giveUp(refusal);
  }

  /** Why the engine does not let this page in, if it is there and does not. */
  async #refusal(): Promise<'unauthorized' | 'other-version' | undefined> {
    try {
      await this.#options.probe();
    } catch (error) {
      if (error instanceof EngineError && error.kind === 'unauthorized') return error.kind;
      if (error instanceof EngineError && error.kind === 'other-version') return error.kind;
    }
    return undefined;
  }

  #scheduleRetry(): void {
    window.clearTimeout(this.#timer);
    const delay = Math.min(longestRetryMs, firstRetryMs * 1.7 ** (this.#attempt - 1));
    // Jitter, so that many pages do not come back to a started engine in step.
    this.#timer = window.setTimeout(() => this.#connect(), delay * (0.75 + Math.random() / 2));
  }

  #giveUp(kind: 'unauthorized' | 'other-version'): void {
    if (this.#closed) return;
    this.close();
    this.#options.onState({ kind });
  }

  /** Lets go of the socket without hearing of its end. */
  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    window.clearTimeout(this.#timer);
    socket?.close();
  }

  readonly #retryNow = (): void => {
    if (this.#closed || this.#attempt === 0) return;
    this.#connect();
  };

  readonly #retryWhenSeen = (): void => {
    if (!document.hidden && Date.now() - this.#heardAt > tooSoonMs) this.#retryNow();
  };
}

function parseBatch(text: string): LiveBatch | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLiveBatch(value) ? value : undefined;
  } catch {
    return undefined; // the caller says that this is not the engine the page was built for
  }
}
