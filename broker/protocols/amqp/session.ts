// A session (part 2, section 2.5): links by handle, the transfer windows of both directions, and the deliveries that are
// not settled. Links in one session share its windows, and nothing else.

import type { BrokerError } from '../../core/errors.ts';
import { asBrokerError } from '../../core/errors.ts';
import { openLink } from './attach.ts';
import type { AmqpError, Composite, Draft, Performative } from './codec/composite.ts';
import { errorFor, WireError } from './conditions.ts';
import type { Connection } from './connection.ts';
import { Dispositions } from './dispositions.ts';
import type { ReceivedDelivery } from './incoming-link.ts';
import { handleMax, type Link } from './link.ts';
import type { OutgoingLink } from './outgoing-link.ts';
import type { SentDelivery } from './sent-delivery.ts';
import { serialAdd, serialDifference } from './serial.ts';

/** Transfers that the peer may send before it hears of us again. */
const incomingWindow = 2048;
/** Deliveries sent and not settled, beyond which nothing more is sent until some are. */
const maxUnsettled = 65_536;
/** We do not count our own transfers: the peer's window and its credit are bounds enough. */
const outgoingWindow = 0x7fffffff;

export class Session {
  readonly connection: Connection;
  readonly channel: number;
  /** What was sent and is not settled, by delivery-id. */
  readonly unsettled = new Map<number, SentDelivery>();
  /** What was received and is not settled, by delivery-id. */
  readonly received = new Map<number, ReceivedDelivery>();
  /** Our word on what was received. */
  readonly answers: Dispositions;
  /** Our settlement of what was sent, where the receiver waits for it. */
  readonly settlements: Dispositions;

  /** By handle; undefined after we have detached it and until the peer has. */
  readonly #links = new Map<number, Link | undefined>();
  /** Links with something to send, or that would have, in the order in which they came to wait. */
  readonly #held = new Set<OutgoingLink>();
  readonly #detachSoon = new Map<Link, BrokerError>();
  /** Links whose attach is not answered yet: what they stand for is on its way into the store. */
  readonly #opening = new Set<Link>();
  #nextIncomingId: number;
  #incomingWindow = incomingWindow;
  #nextOutgoingId = 0;
  #lastIncomingDelivery: number | undefined;
  #remoteIncomingWindow: number;
  #nextDeliveryId = 0;
  #ended = false;

  constructor(connection: Connection, channel: number, begin: Composite<'begin'>) {
    this.connection = connection;
    this.channel = channel;
    this.#nextIncomingId = begin.nextOutgoingId;
    this.#remoteIncomingWindow = begin.incomingWindow;
    const send = (disposition: Draft<'disposition'>) => this.#send('disposition', disposition);
    this.answers = new Dispositions(true, send);
    this.settlements = new Dispositions(false, send);
    this.#send('begin', {
      remoteChannel: channel,
      nextOutgoingId: this.#nextOutgoingId,
      incomingWindow: this.#incomingWindow,
      outgoingWindow,
      handleMax,
    });
  }

  /** We have ended it, and what the peer sends until it has is void. */
  get ended(): boolean {
    return this.#ended;
  }

  handle(performative: Performative, payload: Buffer): void {
    if (this.#ended) return;
    try {
      this.#dispatch(performative, payload);
    } catch (error) {
      this.#refuse(error, 'handle' in performative ? performative.handle : undefined);
    }
  }

  // ---- sending

  /** Whether a transfer may be sent now. If not, who holds back hears from `resume`. */
  canSend(): boolean {
    const { output } = this.connection;
    return !this.#ended && this.#remoteIncomingWindow > 0 && this.unsettled.size < maxUnsettled && output.hasRoom();
  }

  /** Numbers a delivery whose first transfer is about to be sent. */
  begin(delivery: SentDelivery, settled: boolean): void {
    delivery.id = this.#nextDeliveryId;
    this.#nextDeliveryId = serialAdd(this.#nextDeliveryId, 1);
    if (!settled) this.unsettled.set(delivery.id, delivery);
  }

  sendTransfer(transfer: Draft<'transfer'>, payload: readonly Buffer[]): void {
    this.#nextOutgoingId = serialAdd(this.#nextOutgoingId, 1);
    this.#remoteIncomingWindow--;
    this.connection.output.frames.transfer(this.channel, transfer, payload);
    this.connection.output.schedule();
  }

  /** The session's state, with that of a link if `link` is given (2.7.4). */
  sendFlow(
    link?: Pick<Draft<'flow'>, 'handle' | 'deliveryCount' | 'linkCredit' | 'available' | 'drain' | 'properties'>,
  ): void {
    this.#incomingWindow = incomingWindow;
    this.#send('flow', {
      nextIncomingId: this.#nextIncomingId,
      incomingWindow: this.#incomingWindow,
      nextOutgoingId: this.#nextOutgoingId,
      outgoingWindow,
      ...link,
    });
  }

  /** The link waits until `resume`. */
  holdBack(link: OutgoingLink): void {
    this.#held.add(link);
  }

  /** Lets waiting links send, each in its turn. */
  resume(): void {
    for (const link of this.#held) {
      if (!this.canSend()) return;
      this.#held.delete(link);
      link.resume();
    }
  }

  /** The end of a turn of the event loop: says what was gathered in it. */
  flush(): void {
    for (const [link, error] of this.#detachSoon) this.detach(link, error);
    this.#detachSoon.clear();
    this.answers.flush();
    this.settlements.flush();
  }

  // ---- ending

  detach(link: Link, error: BrokerError): void {
    if (this.#ended || this.#links.get(link.handle) !== link) return;
    this.answers.flush();
    this.#sendAttach(link);
    this.#links.set(link.handle, undefined);
    this.#end(link);
    this.#send('detach', { handle: link.handle, closed: true, error: errorFor(error) });
  }

  /** As `detach`, where a link finds its end in the middle of its queue's dispatch. */
  detachSoon(link: Link, error: BrokerError): void {
    this.#detachSoon.set(link, error);
    this.connection.output.schedule();
  }

  /** Detaches the links for which `which` holds. */
  detachThose(which: (link: Link) => boolean, error: BrokerError): void {
    for (const link of this.#links.values()) if (link !== undefined && which(link)) this.detach(link, error);
  }

  /** Nothing more is to be expected of the link. */
  forget(link: OutgoingLink): void {
    this.#held.delete(link);
    for (const [id, delivery] of this.unsettled) if (delivery.link === link) this.unsettled.delete(id);
  }

  /** The end is near: links begin nothing more, so that what comes back goes to others. */
  suspend(): void {
    for (const link of this.#links.values()) link?.suspend?.();
  }

  /** Ends all links; tells the peer if it is to be told. */
  end(tell: boolean, error?: BrokerError): void {
    if (this.#ended) return;
    this.flush();
    this.suspend();
    this.#ended = true;
    this.unsettled.clear();
    this.received.clear();
    const links = Array.from(this.#links.values());
    // Coordinators first: what is rolled back counts as delivered while its links are there.
    for (const link of links) if (link?.role === true) this.#end(link);
    for (const link of links) if (link?.role === false) this.#end(link);
    this.#links.clear();
    this.#opening.clear();
    if (tell) this.#send('end', { error: error && errorFor(error) });
  }

  // ---- receiving

  #dispatch(performative: Performative, payload: Buffer): void {
    switch (performative.kind) {
      case 'attach':
        return this.#onAttach(performative);
      case 'flow':
        return this.#onFlow(performative);
      case 'transfer':
        return this.#onTransfer(performative, payload);
      case 'disposition':
        return this.#onDisposition(performative);
      case 'detach':
        return this.#onDetach(performative);
      default:
        throw new WireError('connection', 'amqp:illegal-state', `${performative.kind} within a session`);
    }
  }

  #onAttach(attach: Composite<'attach'>): void {
    const { name, handle, role } = attach;
    if (handle > handleMax) {
      // Outside of the range that our begin gave, the connection is to be closed with this condition (2.7.2).
      throw new WireError('connection', 'amqp:connection:framing-error', `handle ${handle} is above ${handleMax}`);
    }
    if (this.#links.has(handle)) {
      throw new WireError('session', 'amqp:session:handle-in-use', `handle ${handle} is in use`);
    }
    let link: Link;
    try {
      // Our role is the other of the peer's.
      this.connection.links.prepare(name, !role);
      link = openLink(this, attach);
    } catch (error) {
      this.#refuseAttach(attach, error);
      return;
    }
    this.#links.set(handle, link);
    this.connection.links.add(link, this);
    this.#opening.add(link);
    if (link.saved === undefined) this.#begin(link);
    else this.#beginOnceSaved(link, attach, link.saved);
  }

  #begin(link: Link): void {
    this.#sendAttach(link);
    link.start();
  }

  #beginOnceSaved(link: Link, attach: Composite<'attach'>, saved: Promise<void>): void {
    saved
      .then(
        () => {
          if (this.#opening.has(link)) this.#begin(link);
        },
        (error: unknown) => {
          if (!this.#opening.delete(link)) return;
          this.#end(link);
          this.#refuseAttach(attach, error);
        },
      )
      .catch((error: unknown) => this.connection.fail(error));
  }

  #sendAttach(link: Link): void {
    if (this.#opening.delete(link)) this.#send('attach', link.reply);
  }

  /** A refusal is an attach without our terminus, and then a detach that says why (2.6.3). */
  #refuseAttach({ name, handle, role, ...attach }: Composite<'attach'>, error: unknown): void {
    const reason = asBrokerError(error);
    if (reason instanceof WireError && reason.scope !== 'link') throw reason;
    this.connection.report(error);
    this.#links.set(handle, undefined);
    const source = role ? undefined : attach.source;
    const target = role ? attach.target : undefined;
    this.#send('attach', { name, handle, role: !role, source, target, initialDeliveryCount: role ? 0 : undefined });
    this.#send('detach', { handle, closed: true, error: errorFor(reason) });
  }

  #onFlow(flow: Composite<'flow'>): void {
    // next-incoming-id(flow) + incoming-window(flow) - next-outgoing-id (2.5.6); before our begin is known to the peer it
    // counts from our first.
    const limit = serialAdd(flow.nextIncomingId ?? 0, flow.incomingWindow);
    this.#remoteIncomingWindow = serialDifference(limit, this.#nextOutgoingId);
    this.#nextIncomingId = flow.nextOutgoingId;
    if (flow.handle !== undefined) this.#link(flow.handle)?.onFlow(flow);
    else if (flow.linkCredit !== undefined || flow.deliveryCount !== undefined) throw withoutHandle();
    else if (flow.echo) this.sendFlow();
    this.resume();
  }

  #onTransfer(transfer: Composite<'transfer'>, payload: Buffer): void {
    this.#nextIncomingId = serialAdd(this.#nextIncomingId, 1);
    this.#incomingWindow--;
    if (this.#incomingWindow < 0) {
      throw new WireError('session', 'amqp:session:window-violation', 'a transfer beyond the incoming window');
    }
    const isNew = this.#isNew(transfer.deliveryId);
    this.#link(transfer.handle)?.onTransfer(transfer, payload, isNew);
    if (this.#incomingWindow < incomingWindow / 2 && !this.#ended) this.sendFlow();
  }

  /** Deliveries of all links of a session have one sequence of numbers (2.6.12): one that was used names what it did. */
  #isNew(deliveryId: number | undefined): boolean {
    if (deliveryId === undefined) return false;
    const last = this.#lastIncomingDelivery;
    if (last !== undefined && serialDifference(deliveryId, last) <= 0) return false;
    this.#lastIncomingDelivery = deliveryId;
    return true;
  }

  #onDisposition({ role, first, last = first, settled, state }: Composite<'disposition'>): void {
    const count = serialDifference(last, first) + 1;
    if (count < 1) throw new WireError('session', 'amqp:invalid-field', 'last of a disposition is before first');
    if (role) {
      // What is sent because of it is none of what it is about.
      const sent = Math.min(count, serialDifference(this.#nextDeliveryId, first));
      for (const delivery of within(this.unsettled, first, sent)) delivery.link.onOutcome(delivery, state, settled);
      this.resume();
      return;
    }
    if (!settled) return;
    for (const delivery of within(this.received, first, count)) {
      this.received.delete(delivery.id);
      delivery.settledBySender();
    }
  }

  #onDetach({ handle, closed }: Composite<'detach'>): void {
    const link = this.#link(handle);
    this.#links.delete(handle);
    if (link === undefined) return;
    this.answers.flush();
    this.#sendAttach(link);
    this.#end(link);
    // Detached is answered with detached, closed with closed (2.6.4, 2.6.6).
    if (!closed || link.discard === undefined) return this.#send('detach', { handle, closed });
    // The handle is in use until we have answered.
    this.#links.set(handle, undefined);
    const answer = (error: AmqpError | undefined) => {
      if (this.#ended) return;
      this.#links.delete(handle);
      this.#send('detach', { handle, closed, error });
    };
    link
      .discard()
      .then(
        () => answer(undefined),
        (error: unknown) => answer(errorFor(asBrokerError(error))),
      )
      .catch((error: unknown) => this.connection.fail(error));
  }

  #end(link: Link): void {
    this.connection.links.delete(link);
    link.end();
  }

  /** Undefined: we have detached it, and the peer does not know yet. */
  #link(handle: number): Link | undefined {
    const link = this.#links.get(handle);
    if (link === undefined && !this.#links.has(handle)) {
      throw new WireError('session', 'amqp:session:unattached-handle', `handle ${handle} is not attached`);
    }
    return link;
  }

  /** Ends what the error has spoiled: a link, this session, or by throwing on, the connection. */
  #refuse(thrown: unknown, handle: number | undefined): void {
    const error = asBrokerError(thrown);
    const scope = error instanceof WireError ? error.scope : 'session';
    if (scope === 'connection') throw error;
    this.connection.report(thrown);
    const link = handle === undefined ? undefined : this.#links.get(handle);
    if (scope === 'link' && link !== undefined) this.detach(link, error);
    else this.end(true, error);
  }

  #send<K extends 'begin' | 'attach' | 'flow' | 'disposition' | 'detach' | 'end'>(kind: K, draft: Draft<K>): void {
    this.connection.output.frames.frame(this.channel, kind, draft);
    this.connection.output.schedule();
  }
}

/** What is a link's must not be in a flow that names none (2.7.4). */
function withoutHandle(): WireError {
  return new WireError('session', 'amqp:invalid-field', 'the credit of a link in a flow without a handle', {
    field: 'handle',
  });
}

/** The deliveries of a range. A range may be far longer than what is there: the shorter of both is gone through. */
function* within<T extends { readonly id: number }>(
  deliveries: ReadonlyMap<number, T>,
  first: number,
  count: number,
): IterableIterator<T> {
  if (count <= deliveries.size) {
    for (let i = 0; i < count; i++) {
      const delivery = deliveries.get(serialAdd(first, i));
      if (delivery !== undefined) yield delivery;
    }
    return;
  }
  for (const [id, delivery] of deliveries) {
    const offset = serialDifference(id, first);
    if (offset >= 0 && offset < count) yield delivery;
  }
}
