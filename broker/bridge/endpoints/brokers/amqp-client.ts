// A connection of AMQP 1.0 with rhea, which is loaded for the first one, over a socket of our own: no reconnecting within it,
// no timers but its heart-beats, nothing to standard error. Messages come as the bytes that they are: rhea decodes those of
// format 0, and loses types.

import type { Socket } from 'node:net';
import type { Connection, ConnectionOptions, Container, EventContext } from 'rhea';
import type { RemoteTrouble, TroubleKind } from '../../remote.ts';
import { usualTiming } from './far-broker.ts';
import type { FarEndOptions } from './far-broker.ts';
import { messageOf } from '../../../util/network-words.ts';
import { openSocket, troubleWith } from './open-socket.ts';

export interface AmqpEnd {
  readonly trouble: RemoteTrouble;
  /** The other side ended it. */
  readonly isTheirs: boolean;
}

/** A condition and its description, as AMQP's errors are. */
export interface Condition {
  readonly condition: string;
  readonly description: string;
}

/** Any format but 0 keeps rhea from decoding. */
const opaque = 1;
const largestFrame = 64 * 1024;
/** Deliveries, of which any may be the one that is answered last. */
const sessionBuffer = { incoming: 16_384, outgoing: 16_384 };
const goodbyeMs = 1000;

const kinds: Readonly<Record<string, TroubleKind>> = {
  'amqp:unauthorized-access': 'not-allowed',
  'amqp:not-allowed': 'not-allowed',
  'amqp:not-found': 'not-found',
  'amqp:resource-deleted': 'not-found',
  'amqp:resource-limit-exceeded': 'throttled',
  'amqp:internal-error': 'away',
  'amqp:resource-locked': 'away',
  'amqp:connection:forced': 'away',
};

/** Undefined: it is about the message. */
export function kindOfCondition(condition: string): TroubleKind | undefined {
  return kinds[condition];
}

export class AmqpClient {
  readonly connection: Connection;
  readonly #options: FarEndOptions;
  readonly #socket: Socket;
  #end: AmqpEnd | undefined;
  #onEnd: (end: AmqpEnd) => void = () => undefined;
  #isOpen = false;

  private constructor(options: FarEndOptions, container: Container, socket: Socket, containerId: string | undefined) {
    const { broker, timing = usualTiming } = options;
    this.#options = options;
    this.#socket = socket;
    const settings: ConnectionOptions & { readonly connect: unknown } = {
      connect: (_port: number, _host: string, _options: unknown, ready: () => void): Socket => {
        process.nextTick(ready);
        return socket;
      },
      host: broker.host,
      port: broker.port,
      hostname: broker.virtualHost,
      reconnect: false,
      // Without a password, this name asks for SASL ANONYMOUS.
      username: broker.username ?? 'anonymous',
      ...(broker.password === undefined ? {} : { password: broker.password }),
      ...(containerId === undefined ? {} : { container_id: containerId }),
      idle_time_out: timing.heartBeatMs,
      max_frame_size: largestFrame,
      session_buffer_size: sessionBuffer,
    };
    this.connection = container.connect(settings);
    this.#watch();
    keepBytes(this.connection);
  }

  /** `containerId`: durable subscriptions go by it. @throws RemoteTrouble. */
  static async connect(options: FarEndOptions, containerId?: string): Promise<AmqpClient> {
    const { clock, timing = usualTiming } = options;
    const { default: rhea } = await import('rhea');
    const socket = await openSocket(options);
    const client = new AmqpClient(options, rhea.create_container(), socket, containerId);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    client.connection.once('connection_open', () => resolve());
    client.onEnd(({ trouble }) => reject(trouble));
    const timer = clock.after(timing.connectMs, () => client.fail('away', 'it does not answer in AMQP'));
    try {
      await promise;
    } finally {
      timer.cancel();
    }
    client.#isOpen = true;
    return client;
  }

  get end(): AmqpEnd | undefined {
    return this.#end;
  }

  /** As it calls itself: `RabbitMQ`. */
  get product(): { readonly name: string; readonly version: string } {
    const properties: unknown = this.connection.properties;
    return { name: textAt(properties, 'product') ?? '', version: textAt(properties, 'version') ?? '' };
  }

  onEnd(onEnd: (end: AmqpEnd) => void): void {
    this.#onEnd = onEnd;
    if (this.#end !== undefined) onEnd(this.#end);
  }

  fail(kind: TroubleKind, sentence: string, isTheirs = false): void {
    if (this.#end !== undefined) return;
    this.#end = { trouble: troubleWith(this.#options.broker, kind, sentence), isTheirs };
    this.#socket.destroy();
    this.#onEnd(this.#end);
  }

  /** Of a link or a session: what it was ended with. */
  failWith({ condition, description }: Condition, isTheirs: boolean): void {
    this.fail(
      kindOfCondition(condition) ?? 'away',
      description === '' ? condition : `${description} (${condition})`,
      isTheirs,
    );
  }

  /** Reads nothing, or goes on reading. */
  pause(isPaused: boolean): void {
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Says goodbye; what was answered before is read before that. Idempotent. */
  close(): void {
    if (this.#end !== undefined) return;
    this.#end = { trouble: troubleWith(this.#options.broker, 'away', 'the connection was given up'), isTheirs: false };
    this.connection.close();
    const timer = this.#options.clock.after(goodbyeMs, () => this.#socket.destroy());
    this.connection.once('connection_close', () => this.#socket.destroySoon());
    this.#socket.once('close', () => timer.cancel());
  }

  #watch(): void {
    const { connection } = this;
    connection.on('connection_error', (context: EventContext) => {
      const { condition, description } = conditionOf(context.error ?? connection.error);
      if (this.#isOpen) this.failWith({ condition, description }, true);
      else this.fail(kindOfCondition(condition) ?? 'away', refusalOf(this.#options.broker.username, description), true);
    });
    connection.on('protocol_error', (error: unknown) =>
      this.fail('away', `it speaks no AMQP 1.0: ${messageOf(error)}`),
    );
    connection.on('error', (error: unknown) => this.fail('away', messageOf(error)));
    connection.on('session_error', ({ session }: EventContext) => this.failWith(conditionOf(session?.error), true));
    for (const event of ['disconnected', 'connection_close', 'session_close']) {
      connection.on(event, () => this.fail('away', 'the connection was closed', true));
    }
    this.#socket.once('close', () => {
      this.fail('away', 'the connection was closed', true);
      // By this rhea ends its timers, which would keep the process for a minute; a socket that is destroyed does not say it.
      if (!this.#socket.readableEnded) this.#socket.emit('end');
    });
  }
}

/** From a link's error, a delivery's state, or what rhea makes of them. */
export function conditionOf(error: unknown): Condition {
  return {
    condition: textAt(error, 'condition') ?? '',
    description: textAt(error, 'description') ?? textAt(error, 'message') ?? '',
  };
}

function textAt(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : undefined;
}

/** This connection's transfers alone are marked: rhea's functions are all other connections' too. */
function keepBytes(connection: Connection): void {
  const original: unknown = Reflect.get(connection, 'on_transfer');
  if (typeof original !== 'function') throw new Error('rhea is not the version that it was');
  Object.defineProperty(connection, 'on_transfer', {
    value: (frame: { readonly performative: object }): void => {
      Reflect.set(frame.performative, 'message_format', opaque);
      Reflect.apply(original, connection, [frame]);
    },
  });
}

function refusalOf(username: string | undefined, text: string): string {
  if (!/authenticat|mechanism/i.test(text)) return `it does not let the engine in: ${text}`;
  const advice = username === undefined ? 'it wants a user' : 'the user is unknown, or the password wrong';
  return `it does not let the engine in: ${advice} (${text})`;
}
