// A client of STOMP 1.2: one connection, its heart-beats, and receipts. Bytes are read and written by the dialect's own codec,
// which is handed in (docs/decisions/stomp-client-of-our-own.md).

import type { Socket } from 'node:net';
import { BrokerError } from '../../../core/errors.ts';
import type { Message } from '../../../core/message.ts';
import type { Timer } from '../../../util/clock.ts';
import type { RemoteTrouble, TroubleKind } from '../../remote.ts';
import { usualTiming } from './far-broker.ts';
import type { FarEndOptions } from './far-broker.ts';
import { openSocket, troubleWith } from './open-socket.ts';

export interface StompFrame {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

interface Parser {
  push(chunk: Buffer): void;
  next(): StompFrame | undefined;
  accept(version: '1.2'): void;
}

interface Writer {
  write(head: string, body?: Buffer): void;
  writeLineFeed(): void;
  flush(): void;
}

/** What the dialect supplies. */
export interface StompCodec {
  parser(): Parser;
  writer(sink: (bytes: Buffer) => void): Writer;
  /** Command and headers, with the blank line behind them. */
  head(command: string, headers: Iterable<readonly [name: string, value: string]>): string;
  /** Of a SEND; `first`: headers that go in front of the message's own. */
  sendHead(message: Message, first: Iterable<readonly [name: string, value: string]>): string;
  /** `to`: the address it was taken from. @throws BrokerError for headers that have no meaning. */
  read(frame: StompFrame, to: string, id: string, now: number): Message;
}

/** What is told of an ERROR, or of an end. */
export interface StompEnd {
  readonly trouble: RemoteTrouble;
  /** The other side ended it. */
  readonly isTheirs: boolean;
}

const goodbyeMs = 1000;
const troubles: readonly (readonly [RegExp, TroubleKind])[] = [
  [
    /not authori[sz]ed|unauthori[sz]ed|access[ _]refused|access denied|permission|may not|authenticat|credential|bad connect|password|login|passcode/i,
    'not-allowed',
  ],
  [/not[ _]found|no such|does not exist/i, 'not-found'],
  [/memory limit|usage limit|full\b|no space|disk|quota|resource|too many|rate/i, 'throttled'],
];

/** Undefined: it says nothing of the sort, and is about the frame. */
export function kindOfError(message: string): TroubleKind | undefined {
  return troubles.find(([pattern]) => pattern.test(message))?.[1];
}

export class StompClient {
  /** As it calls itself: `RabbitMQ/3.10.8`. */
  server = '';
  readonly #options: FarEndOptions;
  readonly #codec: StompCodec;
  readonly #socket: Socket;
  readonly #parser: Parser;
  readonly #writer: Writer;
  #onFrame: (frame: StompFrame) => void = () => undefined;
  #onEnd: (end: StompEnd) => void = () => undefined;
  #end: StompEnd | undefined;
  #isFlushing = false;
  #sendTimer: Timer | undefined;
  #receiveTimer: Timer | undefined;
  #sentAt = 0;
  #received = false;
  #receipts = 0;
  #lastError: string | undefined;

  private constructor(options: FarEndOptions, codec: StompCodec, socket: Socket) {
    this.#options = options;
    this.#codec = codec;
    this.#socket = socket;
    this.#parser = codec.parser();
    this.#writer = codec.writer((bytes) => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('close', () => this.#ended('away', this.#lastError ?? 'the connection was closed', true));
  }

  /** `clientId`: durable subscriptions go by it. @throws RemoteTrouble. */
  static async connect(options: FarEndOptions, codec: StompCodec, clientId?: string): Promise<StompClient> {
    const { timing = usualTiming } = options;
    const socket = await openSocket(options);
    const client = new StompClient(options, codec, socket);
    try {
      await client.#login(clientId, timing);
      return client;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  get end(): StompEnd | undefined {
    return this.#end;
  }

  /** From here on; what came before was the answer to CONNECT. */
  listen(onFrame: (frame: StompFrame) => void, onEnd: (end: StompEnd) => void): void {
    this.#onFrame = onFrame;
    this.#onEnd = onEnd;
  }

  /** What is written within one turn of the event loop goes together. */
  write(command: string, headers: Iterable<readonly [name: string, value: string]>): void {
    this.writeHead(this.#codec.head(command, headers));
  }

  writeHead(head: string, body?: Buffer): void {
    if (this.#end !== undefined) return;
    this.#writer.write(head, body);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => this.#flush());
  }

  newReceipt(): string {
    return `r${++this.#receipts}`;
  }

  /** Ends it. `isTheirs`: for what the other side said. */
  fail(
    kind: TroubleKind,
    sentence: string,
    { isTheirs = false, cause }: { isTheirs?: boolean; cause?: unknown } = {},
  ): void {
    this.#ended(kind, sentence, isTheirs, cause);
  }

  /** Reads nothing, or goes on reading. */
  pause(isPaused: boolean): void {
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Says goodbye; what was written before is read before that. Idempotent. */
  close(): void {
    if (this.#end !== undefined) return;
    this.write('DISCONNECT', [['receipt', this.newReceipt()]]);
    this.#flush();
    this.#end = { trouble: this.#trouble('away', 'the connection was given up'), isTheirs: false };
    this.#stopTimers();
    // The other side closes once it has read it all; if it does not, it has had its time.
    const timer = this.#options.clock.after(goodbyeMs, () => this.#socket.destroy());
    this.#socket.once('close', () => timer.cancel());
    this.#socket.end();
  }

  async #login(clientId: string | undefined, { connectMs, heartBeatMs }: typeof usualTiming): Promise<void> {
    const { broker, clock } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<StompFrame>();
    this.listen(resolve, ({ trouble }) => reject(trouble));
    const timer = clock.after(connectMs, () => this.fail('away', 'it does not answer CONNECT'));
    const headers: [string, string][] = [
      ['accept-version', '1.2'],
      ['host', broker.virtualHost],
      ['heart-beat', `${heartBeatMs},${heartBeatMs}`],
    ];
    if (broker.username !== undefined) headers.push(['login', broker.username]);
    if (broker.password !== undefined) headers.push(['passcode', broker.password]);
    if (clientId !== undefined) headers.push(['client-id', clientId]);
    this.write('CONNECT', headers);
    let answer: StompFrame;
    try {
      answer = await promise;
    } finally {
      timer.cancel();
    }
    if (answer.command !== 'CONNECTED') {
      const message = answer.headers.get('message') ?? answer.command;
      throw this.#trouble(kindOfError(message) ?? 'away', refusalOf(broker.username, textOf(answer)));
    }
    this.server = answer.headers.get('server') ?? '';
    this.#startHeartBeats(answer.headers.get('heart-beat') ?? '0,0', heartBeatMs);
  }

  #read(chunk: Buffer): void {
    this.#received = true;
    try {
      this.#parser.push(chunk);
      for (let frame = this.#parser.next(); frame !== undefined; frame = this.#parser.next()) {
        if (this.#end !== undefined) return;
        if (frame.command === 'CONNECTED') this.#parser.accept('1.2');
        if (frame.command === 'ERROR') this.#lastError = textOf(frame);
        this.#onFrame(frame);
      }
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      this.fail('away', `what it sends is no STOMP: ${error.message}`, { cause: error });
    }
  }

  #flush(): void {
    this.#isFlushing = false;
    if (this.#end !== undefined) return;
    this.#sentAt = this.#options.clock.monotonic();
    this.#writer.flush();
  }

  /** "the sender will send every MAX(<cx>, <sy>) milliseconds", and so the other way round. */
  #startHeartBeats(header: string, ours: number): void {
    const [theirs = 0, wanted = 0] = header.split(',').map(Number);
    const { clock } = this.#options;
    if (wanted > 0) {
      // Well before the time is over.
      const everyMs = Math.max(ours, wanted) * 0.6;
      const beat = (): void => {
        if (clock.monotonic() - this.#sentAt >= everyMs * 0.9) {
          this.#writer.writeLineFeed();
          this.#flush();
        }
        this.#sendTimer = clock.after(everyMs, beat);
      };
      this.#sendTimer = clock.after(everyMs, beat);
    }
    if (theirs > 0) {
      const everyMs = Math.max(ours, theirs) * 2;
      const listen = (): void => {
        if (!this.#received) this.fail('away', `nothing was heard from it for ${everyMs} ms`);
        else {
          this.#received = false;
          this.#receiveTimer = clock.after(everyMs, listen);
        }
      };
      this.#receiveTimer = clock.after(everyMs, listen);
    }
  }

  #ended(kind: TroubleKind, sentence: string, isTheirs: boolean, cause?: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { trouble: this.#trouble(kind, sentence, cause), isTheirs };
    this.#stopTimers();
    this.#socket.destroy();
    this.#onEnd(this.#end);
  }

  #stopTimers(): void {
    this.#sendTimer?.cancel();
    this.#receiveTimer?.cancel();
  }

  #trouble(kind: TroubleKind, sentence: string, cause?: unknown): RemoteTrouble {
    return troubleWith(this.#options.broker, kind, sentence, cause);
  }
}

/** What an ERROR says, in one line. */
export function textOf({ headers, body }: StompFrame): string {
  const message = headers.get('message') ?? '';
  const [first = ''] = body.toString().trim().split('\n');
  return first === '' || first === message ? message : `${message}: ${first}`;
}

function refusalOf(username: string | undefined, text: string): string {
  const refused = 'it does not let the engine in';
  if (/virtual host/i.test(text)) return `${refused}: name its virtual host in virtualHost (${text})`;
  if (kindOfError(text) !== 'not-allowed') return `${refused}: ${text}`;
  const advice = username === undefined ? 'it wants a user' : 'the user is unknown, or the password wrong';
  return `${refused}: ${advice} (${text})`;
}
