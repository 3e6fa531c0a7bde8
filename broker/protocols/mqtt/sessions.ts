// The sessions that outlive their connections, by client identifier, and how they come back when the engine starts.

import type { Broker } from '../../core/broker.ts';
import { decodeQos, present, recordType, splitKey } from './session-records.ts';
import { Session } from './session.ts';

export interface OpenedSession {
  readonly session: Session;
  /** It was there before [MQTT-3.2.2-2]. */
  readonly present: boolean;
}

const runningKey = 'engine';

export class Sessions {
  readonly #broker: Broker;
  readonly #maxInFlight: number;
  readonly #durable = new Map<string, Session>();
  /** Not read from since the engine started. */
  readonly #unread = new Set<Session>();
  /** Where queues ended when the engine started, if the one before had not stopped in order. */
  #doubtfulUpTo = 0;

  constructor(broker: Broker, maxInFlight: number) {
    this.#broker = broker;
    this.#maxInFlight = maxInFlight;
  }

  /** Takes over what the store holds. No messages are read. */
  async restore(): Promise<void> {
    const { store } = this.#broker;
    const wasRunning = await store.readRecord(recordType.running, runningKey);
    if (wasRunning !== undefined) this.#doubtfulUpTo = store.nextId();
    await store.write([{ kind: 'record', type: recordType.running, key: runningKey, value: present }]);
    for (const { key } of await store.readRecords(recordType.session)) {
      const session = new Session(this.#broker, key, true);
      this.#durable.set(key, session);
      this.#unread.add(session);
    }
    for (const { key, value } of await store.readRecords(recordType.subscription)) {
      const [clientId, filter] = splitKey(key);
      this.#durable.get(clientId)?.subscribe(filter, decodeQos(value));
    }
    for (const { key } of await store.readRecords(recordType.inbound)) {
      const [clientId, id] = splitKey(key);
      this.#durable.get(clientId)?.inbound.add(Number(id));
    }
  }

  /**
   * The session to work with, durable in the store if it is to outlive the connection [MQTT-3.1.2-4], [MQTT-3.1.2-6].
   * No connection has the one that is there.
   * @throws BrokerError as Store.write does.
   */
  async open(clientId: string, clean: boolean): Promise<OpenedSession> {
    const previous = this.#durable.get(clientId);
    if (!clean && previous !== undefined) {
      if (this.#unread.has(previous)) await previous.recover(this.#maxInFlight, this.#doubtfulUpTo);
      this.#unread.delete(previous);
      return { session: previous, present: true };
    }
    if (previous !== undefined) {
      await previous.discard();
      this.#durable.delete(clientId);
      this.#unread.delete(previous);
    }
    const session = new Session(this.#broker, clientId, !clean);
    if (!clean) {
      await this.#broker.store.write([{ kind: 'record', type: recordType.session, key: clientId, value: present }]);
      this.#durable.set(clientId, session);
    }
    return { session, present: false };
  }

  /** The connection is over. */
  release(session: Session): void {
    session.online = false;
    if (!session.durable) this.#broker.background(session.discard(), `end the session of "${session.clientId}"`);
  }

  /** Everything that memory held is in the store. If this is not written, the next engine takes nothing for granted. */
  async close(): Promise<void> {
    const { store } = this.#broker;
    await store.write([{ kind: 'record', type: recordType.running, key: runningKey, value: undefined }]);
  }
}
