// A connection of MQTT with mqtt.js, which is loaded for the first one, over a socket of our own: no reconnecting and nothing
// stored within it. MQTT 5 where the broker takes it, 3.1.1 else.

import type { Socket } from 'node:net';
import type { IClientOptions, IConnackPacket, MqttClient } from 'mqtt';
import { RemoteTrouble } from '../../remote.ts';
import type { TroubleKind } from '../../remote.ts';
import { usualTiming } from './far-broker.ts';
import type { FarEndOptions } from './far-broker.ts';
import { messageOf } from '../../../util/network-words.ts';
import { openSocket, troubleWith } from './open-socket.ts';

export type MqttLevel = 4 | 5;

export interface MqttEnd {
  readonly trouble: RemoteTrouble;
  /** The other side ended it. */
  readonly isTheirs: boolean;
}

export interface MqttSession {
  readonly id: string;
  /** It outlives the connection. */
  readonly isKept: boolean;
  /** Messages that the broker may send before one is acknowledged; of MQTT 5. */
  readonly receiveMaximum?: number;
  /** Before anything has come. */
  readonly prepare?: (link: MqttLink) => void;
}

/** What of the properties of MQTT 5 the engine's messages have to do with. */
export interface MqttProperties {
  readonly payloadFormat?: boolean;
  readonly messageExpiry?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Buffer;
  readonly userProperties?: readonly { readonly name: string; readonly value: string }[];
}

/** Session Expiry Interval (MQTT 5, 3.1.2.11.2): it does not. */
const never = 0xffff_ffff;
const unsupportedVersions: ReadonlySet<number> = new Set([0x01, 0x84]);
/** Return codes of MQTT 3.1.1 and reason codes of MQTT 5 by which a client is not let in. */
const notAllowed: ReadonlySet<number> = new Set([0x04, 0x05, 0x02, 0x85, 0x86, 0x87, 0x8a, 0x8c]);
const goodbyeMs = 1000;

export class MqttLink {
  readonly client: MqttClient;
  readonly level: MqttLevel;
  /** Set once it is connected. */
  connack: IConnackPacket | undefined;
  readonly socket: Socket;
  readonly #options: FarEndOptions;
  #end: MqttEnd | undefined;
  #onEnd: (end: MqttEnd) => void = () => undefined;

  private constructor(options: FarEndOptions, client: MqttClient, level: MqttLevel, socket: Socket) {
    this.#options = options;
    this.level = level;
    this.socket = socket;
    this.client = client;
    // What is late is found out here; the rest is the other side's doing.
    this.client.on('error', (error) => {
      this.fail(kindOfConnack(error) ?? 'away', this.#wordsOf(error), !/timeout/i.test(messageOf(error)));
    });
    this.client.on('disconnect', ({ reasonCode }) => {
      const reason = `it ends the connection: ${nameOf(reasonCode)}`;
      this.fail(notAllowed.has(reasonCode ?? 0) ? 'not-allowed' : 'away', reason, true);
    });
    socket.once('close', () => this.fail('away', 'the connection was closed', true));
  }

  /** `level`: 5 is a try, and may become 4. @throws RemoteTrouble. */
  static async connect(options: FarEndOptions, session: MqttSession, level: MqttLevel): Promise<MqttLink> {
    try {
      return await MqttLink.#connectWith(options, session, level);
    } catch (error) {
      // Brokers that do not know it say so, or end the connection without a word.
      if (!(error instanceof OldBroker)) throw error;
      return MqttLink.#connectWith(options, session, 4);
    }
  }

  static async #connectWith(options: FarEndOptions, session: MqttSession, level: MqttLevel): Promise<MqttLink> {
    const { clock, timing = usualTiming } = options;
    const { MqttClient: Client } = await import('mqtt');
    const socket = await openSocket(options);
    const client = new Client(() => socket, settings(options, session, level));
    const link = new MqttLink(options, client, level, socket);
    session.prepare?.(link);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    link.client.once('connect', (connack) => {
      link.connack = connack;
      resolve();
    });
    let code: number | undefined;
    link.client.once('error', (error) => (code = codeOf(error)));
    link.onEnd(({ trouble }) => reject(trouble));
    const timer = clock.after(timing.connectMs, () => link.fail('away', 'it does not answer CONNECT'));
    try {
      await promise;
      return link;
    } catch (error) {
      const isSilent = link.#end?.isTheirs === true && (code === undefined || code === 0);
      if (level === 5 && error instanceof RemoteTrouble && (isSilent || unsupportedVersions.has(code ?? 0))) {
        throw new OldBroker('away', error.message, { cause: error });
      }
      throw error;
    } finally {
      timer.cancel();
    }
  }

  get end(): MqttEnd | undefined {
    return this.#end;
  }

  onEnd(onEnd: (end: MqttEnd) => void): void {
    this.#onEnd = onEnd;
    if (this.#end !== undefined) onEnd(this.#end);
  }

  fail(kind: TroubleKind, sentence: string, isTheirs = false): void {
    if (this.#end !== undefined) return;
    this.#end = { trouble: troubleWith(this.#options.broker, kind, sentence), isTheirs };
    this.client.end(true);
    this.socket.destroy();
    this.#onEnd(this.#end);
  }

  /** Says goodbye; what was acknowledged before is read before that. Idempotent. */
  close(): void {
    if (this.#end !== undefined) return;
    this.#end = { trouble: troubleWith(this.#options.broker, 'away', 'the connection was given up'), isTheirs: false };
    // DISCONNECT: without it the broker would send the will, and with MQTT 5 speak of an error.
    this.socket.write(goodbye);
    this.socket.end();
    const timer = this.#options.clock.after(goodbyeMs, () => this.socket.destroy());
    this.socket.once('close', () => {
      timer.cancel();
      this.client.end(true);
    });
  }

  #wordsOf(error: unknown): string {
    const code = codeOf(error);
    if (/timeout/i.test(messageOf(error))) return 'it does not answer';
    if (code === 0 && error instanceof Error && !('code' in error)) {
      return `what it sends is no MQTT: ${error.message}`;
    }
    if (kindOfConnack(error) !== 'not-allowed') return messageOf(error);
    const { username } = this.#options.broker;
    const advice =
      username === undefined ? 'it wants a user' : 'the user is unknown, the password wrong, or more is not allowed';
    return `it does not let the engine in: ${advice} (${nameOf(code)})`;
  }
}

/** DISCONNECT: the same in both versions (3.1.1, 3.14; 5, 3.14 with a remaining length of 0). */
const goodbye = Buffer.from([0xe0, 0]);

/** It may speak MQTT 3.1.1 only. */
class OldBroker extends RemoteTrouble {}

function settings(
  { broker, timing = usualTiming }: FarEndOptions,
  { id, isKept, receiveMaximum }: MqttSession,
  level: MqttLevel,
): IClientOptions {
  return {
    protocolVersion: level,
    clientId: id,
    clean: !isKept,
    reconnectPeriod: 0,
    resubscribe: false,
    keepalive: Math.max(1, Math.ceil(timing.heartBeatMs / 1000)),
    connectTimeout: timing.connectMs,
    ...(broker.username === undefined ? {} : { username: broker.username }),
    ...(broker.password === undefined ? {} : { password: broker.password }),
    ...(level === 5
      ? {
          properties: {
            ...(isKept ? { sessionExpiryInterval: never } : {}),
            ...(receiveMaximum === undefined ? {} : { receiveMaximum }),
          },
        }
      : {}),
  };
}

function kindOfConnack(error: unknown): TroubleKind | undefined {
  return notAllowed.has(codeOf(error)) ? 'not-allowed' : undefined;
}

/** Of MQTT; 0: it has none. */
export function codeOf(error: unknown): number {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'number' ? code : 0;
}

const names: Readonly<Record<number, string>> = {
  0x01: 'unacceptable protocol version',
  0x02: 'identifier rejected',
  0x03: 'server unavailable',
  0x04: 'bad user name or password',
  0x05: 'not authorized',
  0x80: 'unspecified error',
  0x81: 'malformed packet',
  0x82: 'protocol error',
  0x83: 'implementation specific error',
  0x84: 'unsupported protocol version',
  0x85: 'client identifier not valid',
  0x86: 'bad user name or password',
  0x87: 'not authorized',
  0x88: 'server unavailable',
  0x89: 'server busy',
  0x8a: 'banned',
  0x8b: 'server shutting down',
  0x8c: 'bad authentication method',
  0x8d: 'keep alive timeout',
  0x8e: 'session taken over',
  0x8f: 'topic filter invalid',
  0x90: 'topic name invalid',
  0x91: 'packet identifier in use',
  0x93: 'receive maximum exceeded',
  0x95: 'packet too large',
  0x96: 'message rate too high',
  0x97: 'quota exceeded',
  0x98: 'administrative action',
  0x99: 'payload format invalid',
  0x9e: 'shared subscriptions not supported',
  0xa2: 'wildcard subscriptions not supported',
};

/** Of a reason code (MQTT 5, 2.4). */
export function nameOf(code: number | undefined): string {
  if (code === undefined || code === 0) return 'it gives no reason';
  return `${names[code] ?? 'reason'} (0x${code.toString(16).padStart(2, '0')})`;
}
