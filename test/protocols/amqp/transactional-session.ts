// A JMS session frame by frame: a coordinator, a producer and a consumer on one AMQP session.

import type { Composite, Draft } from '../../../broker/protocols/amqp/codec/composite.ts';
import { writeComposite } from '../../../broker/protocols/amqp/codec/composite.ts';
import { Writer } from '../../../broker/protocols/amqp/codec/writer.ts';
import { hex } from './codec/bytes.ts';
import type { AmqpBroker } from './fixture.ts';
import { RawPeer } from './raw-peer.ts';

export const durable = hex('00 53 70 c0 02 01 41  0053 77 a1 01 61');
export const accepted = { kind: 'accepted' } as const;
export const released = { kind: 'released' } as const;

export function control<K extends 'declare' | 'discharge'>(kind: K, draft: Draft<K>): Buffer {
  const writer = new Writer();
  writer.raw(hex('00 53 77'));
  writeComposite(writer, kind, draft);
  return writer.copy();
}

/** A JMS session: a coordinator on handle 0, a producer on 1 and a consumer on 2, of queue `orders`. */
export class Session implements AsyncDisposable {
  readonly peer: RawPeer;
  #delivery = 0;

  constructor(peer: RawPeer) {
    this.peer = peer;
  }

  static async open(engine: AmqpBroker, open: Partial<Draft<'open'>> = {}): Promise<Session> {
    const peer = await RawPeer.open(engine.port, open);
    peer.attachSender({
      name: 'coordinator',
      target: { kind: 'coordinator', capabilities: ['amqp:local-transactions'] },
    });
    await peer.expect('attach');
    await peer.expect('flow');
    peer.attachSender({ name: 'producer', handle: 1 });
    await peer.expect('attach');
    await peer.expect('flow');
    peer.attachReceiver({ name: 'consumer', handle: 2 });
    await peer.expect('attach');
    return new Session(peer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peer[Symbol.asyncDispose]();
  }

  /** Its delivery-id. */
  ask(body: Buffer, draft: Partial<Draft<'transfer'>> = {}): number {
    this.peer.deliver(this.#delivery, body, draft);
    return this.#delivery++;
  }

  async declare(): Promise<Buffer> {
    this.ask(control('declare', {}));
    const { state } = await this.peer.expect('disposition');
    if (state?.kind !== 'declared') throw new Error(`declared nothing: ${JSON.stringify(state)}`);
    return state.txnId;
  }

  discharge(txnId: Buffer, fail: boolean): void {
    this.ask(control('discharge', { txnId, fail }));
  }

  async commit(txnId: Buffer): Promise<Composite<'disposition'>['state']> {
    this.discharge(txnId, false);
    return (await this.peer.expect('disposition')).state;
  }

  async rollBack(txnId: Buffer): Promise<void> {
    this.discharge(txnId, true);
    const { state } = await this.peer.expect('disposition');
    if (state?.kind !== 'accepted') throw new Error(`not rolled back: ${JSON.stringify(state)}`);
  }

  /** A message in the transaction. */
  send(txnId: Buffer, draft: Partial<Draft<'transfer'>> = {}): number {
    return this.ask(durable, {
      handle: 1,
      state: { kind: 'transactionalState', txnId, outcome: undefined },
      ...draft,
    });
  }

  retire(txnId: Buffer, first: number, draft: Partial<Draft<'disposition'>> = {}, outcome?: object): void {
    const state = {
      kind: 'transactionalState',
      txnId,
      outcome: outcome ?? accepted,
    } as Composite<'transactionalState'>;
    this.peer.send(0, 'disposition', { role: true, first, settled: true, state, ...draft });
  }
}
