// A STOMP producer that keeps a window of persistent messages under way and remembers which were acknowledged, and a
// consumer that collects what is there (both on stompit).

import stompit from 'stompit';
import type { Client } from 'stompit';

export function connectStomp(port: number, headers: Readonly<Record<string, string>> = {}): Promise<Client> {
  return new Promise((resolve, reject) => {
    stompit.connect(
      { host: '127.0.0.1', port, connectHeaders: { host: '/', 'heart-beat': '0,0', ...headers } },
      (error, client) => {
        if (error) reject(error);
        else resolve(client);
      },
    );
  });
}

export class StompLoad {
  readonly acknowledged: string[] = [];
  readonly ended: Promise<void>;
  readonly #client: Client;
  readonly #queue: string;
  readonly #prefix: string;
  readonly #milestones: { readonly count: number; readonly resolve: () => void }[] = [];
  #sent = 0;
  #stopped = false;

  constructor(client: Client, options: { readonly queue: string; readonly prefix: string; readonly window?: number }) {
    this.#client = client;
    this.#queue = options.queue;
    this.#prefix = options.prefix;
    this.ended = new Promise((resolve) => {
      client.on('error', () => {
        this.#stopped = true;
        resolve();
      });
    });
    for (let i = 0; i < (options.window ?? 50); i++) this.#send();
  }

  /** Resolves once so many messages were acknowledged. */
  reached(count: number): Promise<void> {
    if (this.acknowledged.length >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#milestones.push({ count, resolve });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#client.destroy();
  }

  #send(): void {
    if (this.#stopped) return;
    const body = `${this.#prefix}-${++this.#sent}`;
    const frame = this.#client.send(
      { destination: `/queue/${this.#queue}`, persistent: 'true' },
      {
        onReceipt: () => {
          this.acknowledged.push(body);
          for (const { count, resolve } of this.#milestones) if (this.acknowledged.length >= count) resolve();
          this.#send();
        },
      },
    );
    frame.end(body);
  }
}

/** Takes messages from the queue, in auto mode, until all of `expected` are there; resolves with everything that came. */
export async function collect(port: number, queue: string, expected: Iterable<string>): Promise<readonly string[]> {
  const client = await connectStomp(port);
  const missing = new Set(expected);
  const got: string[] = [];
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.subscribe({ destination: `/queue/${queue}`, ack: 'auto' }, (error, message) => {
      if (error) {
        reject(error);
        return;
      }
      message.readString('utf8', (failure, body) => {
        if (failure || body === undefined) {
          reject(failure ?? new Error('no body'));
          return;
        }
        got.push(body);
        missing.delete(body);
        if (missing.size > 0) return;
        client.destroy();
        resolve(got);
      });
    });
  });
}
