// A link on which the peer receives: the queue pushes to it while the peer's credit, its session's window and its socket
// allow (part 2, section 2.6.7 and 2.5.6). Each is its own link's, or session's, or connection's limit: none holds back
// anyone else.

import type { Destination } from '../../core/address.ts';
import type { Entry } from '../../core/entry.ts';
import { asBrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Composite, DeliveryState, Draft, Outcome } from './codec/composite.ts';
import { WireError, type Condition } from './conditions.ts';
import { accepted } from './dispositions.ts';
import type { Link } from './link.ts';
import { entry as entryOf, symbol, type MapEntries } from './codec/value.ts';
import { deliverySections, forwardedSections } from './message/to-sections.ts';
import type { Supply, Taker } from './supply.ts';
import { SentDelivery } from './sent-delivery.ts';
import { serialAdd, serialDifference } from './serial.ts';
import type { Session } from './session.ts';
import type { Transaction } from './transaction.ts';

/** What a transfer's performative and frame header take at most, as we write them. */
const transferOverhead = 64;

/** A delivery that was not sent to its end. */
interface Unsent {
  readonly delivery: SentDelivery;
  readonly parts: readonly [Buffer, Buffer];
  readonly size: number;
  offset: number;
  /** It is taken back: called once the receiver was told. */
  aborted?: () => void;
}

export interface OutgoingOptions {
  readonly reply: Draft<'attach'>;
  readonly defaultOutcome: Outcome;
  readonly from: readonly Destination[];
  /** Begins to draw from the source. @throws BrokerError if that cannot be. */
  readonly open: (taker: Taker) => Supply;
  /** What it sends is taken out of its queue until it is settled (distribution-mode move). */
  readonly acquires: boolean;
  /** The link is over. */
  readonly onEnd?: (() => void) | undefined;
  /** The peer has closed it: ends what would outlive it. */
  readonly discard?: (() => Promise<void>) | undefined;
}

export class OutgoingLink implements Link, Taker {
  readonly role = false;
  readonly name: string;
  readonly handle: number;
  readonly reply: Draft<'attach'>;
  readonly from: readonly Destination[];
  /** For deliveries that the receiver settles without an outcome (part 3, section 3.5.3). */
  readonly defaultOutcome: Outcome;
  readonly session: Session;
  readonly acquires: boolean;
  readonly discard: (() => Promise<void>) | undefined;
  readonly #supply: Supply;
  readonly #onEnd: (() => void) | undefined;
  readonly #sendsSettled: boolean;
  readonly #maxMessageBytes: number;
  #started = false;
  #ended = false;
  #credit = 0;
  #deliveryCount = 0;
  #drain = false;
  /** The drain waits for messages that are read from disk. */
  #awaitsRead = false;
  #unsent: Unsent | undefined;
  /** Waits for the session: the queue gives it nothing. */
  #held = false;
  /** In which it acquires what it sends (part 4, section 4.4.3). */
  #transaction: Transaction | undefined;

  /** @throws as `options.open`. */
  constructor(session: Session, attach: Composite<'attach'>, options: OutgoingOptions) {
    this.session = session;
    this.name = attach.name;
    this.handle = attach.handle;
    this.reply = options.reply;
    this.defaultOutcome = options.defaultOutcome;
    this.from = options.from;
    this.acquires = options.acquires;
    this.discard = options.discard;
    this.#onEnd = options.onEnd;
    this.#sendsSettled = attach.sndSettleMode === 1;
    // Zero and absent both mean that there is no maximum (2.7.3).
    this.#maxMessageBytes = Number(attach.maxMessageSize ?? 0n) || Infinity;
    this.#supply = options.open(this);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get saved(): Promise<void> | undefined {
    return this.#supply.saved;
  }

  start(): void {
    this.#started = true;
    this.#offerCredit();
    this.#finishDrain();
  }

  onFlow(flow: Composite<'flow'>): void {
    if (flow.properties !== undefined) this.#acquireIn(flow.properties);
    if (flow.linkCredit !== undefined) {
      // link-credit(snd) := delivery-count(rcv) + link-credit(rcv) - delivery-count(snd) (2.6.7)
      const limit = serialAdd(flow.deliveryCount ?? 0, flow.linkCredit);
      this.#credit = Math.max(0, serialDifference(limit, this.#deliveryCount));
    }
    this.#drain = flow.drain;
    this.#offerCredit();
    this.#finishDrain();
    if (!flow.drain && flow.echo) this.#sendFlow();
  }

  onTransfer(): void {
    throw new WireError('link', 'amqp:not-allowed', 'a transfer from the receiver of the link');
  }

  /** The session can send again. */
  resume(): void {
    this.#held = false;
    this.#sendOn();
    this.#offerCredit();
    this.#finishDrain();
  }

  /** The receiver's word on a delivery; `settled`: it will say no more. */
  onOutcome(delivery: SentDelivery, state: DeliveryState | undefined, settled: boolean): void {
    if (settled) {
      delivery.settled = true;
      this.session.unsettled.delete(delivery.id);
    }
    if (state?.kind === 'transactionalState') return this.#onProvisionalOutcome(delivery, state, settled);
    const outcome = outcomeOf(state);
    const { transaction } = delivery;
    // What is in a transaction gets its outcome in that and in no other, until it is discharged (4.4.2).
    if (transaction !== undefined && outcome !== undefined) {
      return transaction.violated('an outcome outside of the transaction of its delivery');
    }
    if (delivery.decided || (!settled && outcome === undefined)) return;
    if (transaction !== undefined) delivery.decideIn(transaction, this.defaultOutcome);
    else delivery.decide(outcome ?? this.defaultOutcome);
  }

  /** The receiver is not to have the delivery. Resolves once it was told; undefined: it has all of it, or nothing. */
  abort(delivery: SentDelivery): Promise<void> | undefined {
    const unsent = this.#unsent;
    if (unsent?.delivery !== delivery || this.#ended) return undefined;
    if (unsent.offset === 0) {
      this.#unsent = undefined;
      this.#credit++;
      this.#deliveryCount = serialAdd(this.#deliveryCount, -1);
      return undefined;
    }
    const told = new Promise<void>((resolve) => (unsent.aborted = resolve));
    this.#sendOn();
    return told;
  }

  /** Nothing more is sent. */
  suspend(): void {
    this.#started = false;
    this.#supply.setCredit(0);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unsent?.aborted?.();
    this.#unsent = undefined;
    this.#transaction = undefined;
    this.session.forget(this);
    this.#supply.close();
    this.#onEnd?.();
  }

  // ---- what its supply calls

  /** Called by the queue, in its dispatch, which a fault of ours must not disturb. */
  deliver(entry: Entry, message: Message): void {
    try {
      this.#deliver(entry, message);
    } catch (error) {
      this.session.connection.report(error);
      this.session.detachSoon(this, asBrokerError(error));
    }
  }

  onDeleted(): void {
    this.session.detachSoon(this, new WireError('link', 'amqp:resource-deleted', 'the queue was deleted'));
  }

  // ---- sending

  /** Which transaction is asked for, or that there is to be none. */
  #acquireIn(properties: MapEntries): void {
    const txnId = entryOf(properties, 'txn-id');
    if (txnId === undefined || txnId.type === 'null') {
      this.#transaction = undefined;
      return;
    }
    if (txnId.type !== 'binary') throw new WireError('link', 'amqp:invalid-field', 'txn-id is not binary');
    if (!this.acquires) throw new WireError('link', 'amqp:not-implemented', 'a browser acquires nothing');
    this.#transaction = this.session.connection.transactions.find(txnId.value);
  }

  /** The discharge of a transaction leaves the link without one, and with its credit. */
  get #acquiring(): Transaction | undefined {
    if (this.#transaction?.discharged === true) this.#transaction = undefined;
    return this.#transaction;
  }

  /** Part 4, section 4.4.2. */
  #onProvisionalOutcome(delivery: SentDelivery, state: Composite<'transactionalState'>, settled: boolean): void {
    try {
      const transaction = this.session.connection.transactions.find(state.txnId);
      if (delivery.transaction !== undefined && delivery.transaction !== transaction) {
        return transaction.violated('an outcome in another transaction than that of its delivery');
      }
      const outcome = state.outcome ?? (settled ? this.defaultOutcome : undefined);
      if (outcome !== undefined) delivery.decideIn(transaction, outcomeOf(outcome) ?? this.defaultOutcome);
    } catch (error) {
      // What has no outcome goes back.
      this.session.detach(this, asBrokerError(error));
    }
  }

  #deliver(entry: Entry, message: Message): void {
    const { connection } = this.session;
    const parts = [
      deliverySections(message, entry, connection.context.clock.now()),
      forwardedSections(message),
    ] as const;
    const size = parts[0].length + parts[1].length;
    // The message stays for whoever takes it; this receiver would get it again and again.
    if (size > this.#maxMessageBytes) return this.#stop('amqp:link:message-size-exceeded', `message of ${size} octets`);
    const transaction = this.#acquiring;
    const failure = transaction?.failure;
    // What comes of it is known: nothing.
    if (failure !== undefined) return this.#stop('amqp:transaction:rollback', failure.message);
    this.#credit--;
    this.#deliveryCount = serialAdd(this.#deliveryCount, 1);
    connection.client.messagesOut++;
    this.#unsent = { delivery: new SentDelivery(this, entry, transaction), parts, size, offset: 0 };
    this.#sendOn();
    if (this.#drain && this.#credit === 0) this.#finishDrain();
  }

  #stop(condition: Condition, message: string): void {
    this.#credit = 0;
    this.#offerCredit();
    this.session.detachSoon(this, new WireError('link', condition, message));
  }

  /** Sends what is unsent, as far as the session can; holds the queue back when it cannot. */
  #sendOn(): void {
    const { session } = this;
    while (this.#unsent !== undefined && session.canSend()) {
      const { aborted } = this.#unsent;
      if (aborted === undefined) {
        this.#sendTransfer(this.#unsent);
      } else {
        this.#unsent = undefined;
        session.sendTransfer({ handle: this.handle, aborted: true }, []);
        aborted();
      }
    }
    if (!session.canSend()) this.#hold();
  }

  #sendTransfer(unsent: Unsent): void {
    const { session } = this;
    const { delivery, parts, size, offset } = unsent;
    const end = Math.min(size, offset + session.connection.maxFrameSize - transferOverhead);
    const more = end < size;
    const isFirst = offset === 0;
    if (isFirst) session.begin(delivery, this.#sendsSettled);
    const [head, rest] = parts;
    const payload =
      isFirst && !more
        ? parts
        : [
            head.subarray(offset, end),
            rest.subarray(Math.max(0, offset - head.length), Math.max(0, end - head.length)),
          ];
    unsent.offset = end;
    if (!more) this.#unsent = undefined;
    const { handle } = this;
    const { transaction } = delivery;
    const state: DeliveryState | undefined = transaction && {
      kind: 'transactionalState',
      txnId: transaction.id,
      outcome: this.#sendsSettled ? accepted : undefined,
    };
    const transfer = isFirst
      ? {
          handle,
          deliveryId: delivery.id,
          deliveryTag: delivery.tag,
          messageFormat: 0,
          settled: this.#sendsSettled,
          more,
          state,
        }
      : { handle, more, state };
    session.sendTransfer(transfer, payload);
    if (more || !this.#sendsSettled || !this.acquires) return;
    // What is sent settled is over once it was handed to the socket, at most once; or with its transaction.
    delivery.settled = true;
    if (transaction === undefined) session.connection.batch.settle(delivery.entry, delivery);
    else delivery.decideIn(transaction, accepted);
  }

  #hold(): void {
    if (this.#held) return;
    this.#held = true;
    this.#supply.setCredit(0);
    this.session.holdBack(this);
  }

  #offerCredit(): void {
    if (this.#started && !this.#held) this.#supply.setCredit(this.#credit);
  }

  // ---- credit

  /**
   * Once no message is available, the delivery-count moves on by what is left of the credit, and the peer is told (2.6.7).
   * What is still on its way from disk is available.
   */
  #finishDrain(): void {
    if (!this.#drain || !this.#started || this.#ended) return;
    if (this.#credit > 0 && (this.#held || this.#awaitMore())) return;
    this.#deliveryCount = serialAdd(this.#deliveryCount, this.#credit);
    this.#credit = 0;
    this.#offerCredit();
    this.#sendFlow();
    this.#drain = false;
  }

  /** False: nothing is on its way, and what is there is for others. */
  #awaitMore(): boolean {
    this.#awaitsRead ||= this.#supply.onceMore(() => {
      this.#awaitsRead = false;
      this.#finishDrain();
    });
    return this.#awaitsRead;
  }

  #sendFlow(): void {
    const transaction = this.#acquiring;
    this.session.sendFlow({
      handle: this.handle,
      deliveryCount: this.#deliveryCount,
      linkCredit: this.#credit,
      available: this.#supply.available,
      drain: this.#drain,
      // In which what follows will be acquired (4.4).
      properties: transaction && [[symbol('txn-id'), { type: 'binary', value: transaction.id }]],
    });
  }
}

function outcomeOf(state: DeliveryState | undefined): Outcome | undefined {
  switch (state?.kind) {
    case 'accepted':
    case 'rejected':
    case 'released':
    case 'modified':
      return state;
    default:
      return undefined;
  }
}
