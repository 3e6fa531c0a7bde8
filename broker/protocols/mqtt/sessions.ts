// The sessions that outlive their connections, by client identifier: how long, and how they come back when the engine starts.
// The time that a session has counts from the end of its connection, engine or no engine; what it ends on is in the store.

import type { Broker } from '../../core/broker.ts';
import { Expiries } from '../../core/expiries.ts';
import type { Clock } from '../../util/clock.ts';
import {
  decodeOptions,
  decodeSession,
  encodeSession,
  never,
  present,
  recordType,
  splitKey,
} from './session-records.ts';
import type { Expiry } from './session-records.ts';
import { Session } from './session.ts';
import type { SessionContext } from './session.ts';
import { SharedSubscriptions } from './shared-subscriptions.ts';

export interface OpenedSession {
  readonly session: Session;
  /** It was there before [MQTT-3.2.2-2]. */
  readonly present: boolean;
}

const runningKey = 'engine';
/** Between two attempts to end a session that the store does not let go. */
const againMs = 60_000;

export class Sessions {
  /** Whose time has passed since the engine started. */
  expired = 0;
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #maxInFlight: number;
  readonly #context: SessionContext;
  readonly #durable = new Map<string, Session>();
  /** Not read from since the engine started. */
  readonly #unread = new Set<Session>();
  /** On their way out of the store: the next of that name waits. */
  readonly #ending = new Map<string, Promise<void>>();
  readonly #expiries: Expiries<Session>;
  /** Where queues ended when the engine started, if the one before had not stopped in order. */
  #doubtfulUpTo = 0;

  constructor(broker: Broker, clock: Clock, maxInFlight: number) {
    this.#broker = broker;
    this.#clock = clock;
    this.#maxInFlight = maxInFlight;
    this.#context = {
      broker,
      sharing: new SharedSubscriptions(broker),
      counts: { subscriptions: 0, shares: 0 },
    };
    this.#expiries = new Expiries(clock, {
      endOf: (session) => (this.#durable.get(session.clientId) === session ? session.expiry.at : 0),
      onEnd: (session) => {
        this.expired++;
        this.#end(session);
      },
    });
  }

  /** Those without a connection. */
  get awayCount(): number {
    let count = 0;
    for (const { online } of this.#durable.values()) if (!online) count++;
    return count;
  }

  /** Subscriptions of all sessions, and those of them that are shared. */
  get counts(): SessionContext['counts'] {
    return this.#context.counts;
  }

  /** Takes over what the store holds. No messages are read. */
  async restore(): Promise<void> {
    const { store } = this.#broker;
    const wasRunning = await store.readRecord(recordType.running, runningKey);
    if (wasRunning !== undefined) this.#doubtfulUpTo = store.nextId();
    await store.write([{ kind: 'record', type: recordType.running, key: runningKey, value: present }]);
    this.#context.sharing.restore();
    for (const { key, value } of await store.readRecords(recordType.session)) {
      const session = new Session(this.#context, key, durableExpiry);
      const { expiry, user } = decodeSession(value);
      session.expiry = expiry;
      session.user = user;
      this.#durable.set(key, session);
      this.#unread.add(session);
    }
    for (const { key, value } of await store.readRecords(recordType.subscription)) {
      const [clientId, filter] = splitKey(key);
      this.#durable.get(clientId)?.subscribe(filter, decodeOptions(value));
    }
    for (const { key } of await store.readRecords(recordType.inbound)) {
      const [clientId, id] = splitKey(key);
      this.#durable.get(clientId)?.inbound.add(Number(id));
    }
    await this.#context.sharing.sweep();
    // The connections of the engine before have ended now, as far as anyone knows.
    for (const session of Array.from(this.#durable.values())) if (session.expiry.at === 0) this.release(session);
    for (const session of Array.from(this.#durable.values())) {
      if (this.#hasPassed(session)) this.#end(session);
      else this.#expiries.watch(session);
    }
    await Promise.all(this.#ending.values());
  }

  /** Whose session there is of that name, if it is known. */
  userOf(clientId: string): string | undefined {
    return this.#durable.get(clientId)?.user;
  }

  /** How long the session of this client lasts without a connection, in seconds. */
  lifeOf(clientId: string): number {
    return this.#durable.get(clientId)?.expiry.seconds ?? 0;
  }

  /**
   * The session to work with, in the store if it is to outlive the connection [MQTT-3.1.2-4], [MQTT-3.1.2-6]. No connection
   * has the one that is there. `seconds`: the Session Expiry Interval.
   * @throws BrokerError as Store.write does.
   */
  async open(clientId: string, clean: boolean, seconds: number, user: string): Promise<OpenedSession> {
    const found = this.#durable.get(clientId);
    // Timers may be late.
    if (found !== undefined && this.#hasPassed(found)) this.#end(found);
    await this.#ending.get(clientId);
    const previous = this.#durable.get(clientId);
    if (!clean && previous !== undefined) {
      await this.#takeUp(previous, seconds, user);
      return { session: previous, present: true };
    }
    if (previous !== undefined) {
      await previous.discard();
      this.#forget(previous);
    }
    const session = new Session(this.#context, clientId, { seconds, at: 0 });
    session.user = user;
    if (session.durable) {
      await this.#save(session);
      this.#durable.set(clientId, session);
    }
    return { session, present: false };
  }

  /** The connection is over. `seconds`: what the client said of the session's end when it left. */
  release(session: Session, seconds = session.expiry.seconds): void {
    session.online = false;
    if (!session.durable) {
      this.#broker.background(session.discard(), `end the session of "${session.clientId}"`);
    } else if (seconds === 0) {
      this.#end(session);
    } else {
      const before = session.expiry;
      session.expiry = { seconds, at: seconds === never ? 0 : this.#clock.now() + seconds * 1000 };
      if (seconds === never && before.seconds === never) return;
      this.#expiries.watch(session);
      this.#broker.background(this.#save(session), `store when the session of "${session.clientId}" ends`);
    }
  }

  /** Everything that memory held is in the store. If this is not written, the next engine takes nothing for granted. */
  async close(): Promise<void> {
    this.#expiries.clear();
    await Promise.all(this.#ending.values());
    const { store } = this.#broker;
    await store.write([{ kind: 'record', type: recordType.running, key: runningKey, value: undefined }]);
  }

  async #takeUp(session: Session, seconds: number, user: string): Promise<void> {
    const isSame = seconds === never && session.expiry.seconds === never && session.user === user;
    session.user = user;
    session.expiry = { seconds, at: 0 };
    if (!isSame) await this.#save(session);
    if (this.#unread.has(session)) await session.recover(this.#maxInFlight, this.#doubtfulUpTo);
    this.#unread.delete(session);
  }

  #save(session: Session): Promise<void> {
    const { clientId } = session;
    const value = encodeSession(session);
    return this.#broker.store.write([{ kind: 'record', type: recordType.session, key: clientId, value }]);
  }

  #hasPassed({ expiry }: Session): boolean {
    return expiry.at > 0 && expiry.at <= this.#clock.now();
  }

  /** [MQTT-4.1.0-2 of 5]. If the store refuses, it is tried again. */
  #end(session: Session): void {
    this.#forget(session);
    const { clientId } = session;
    const ended = session.discard();
    this.#broker.background(ended, `end the session of "${clientId}"`);
    const settled = ended
      .catch(() => {
        this.#durable.set(clientId, session);
        session.expiry = { ...session.expiry, at: this.#clock.now() + againMs };
        this.#expiries.watch(session);
      })
      .then(() => {
        if (this.#ending.get(clientId) === settled) this.#ending.delete(clientId);
      });
    this.#ending.set(clientId, settled);
  }

  #forget(session: Session): void {
    this.#durable.delete(session.clientId);
    this.#unread.delete(session);
  }
}

/** Of what was in the store. */
const durableExpiry: Expiry = { seconds: never, at: 0 };
