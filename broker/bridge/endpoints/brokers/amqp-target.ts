// A queue or topic behind AMQP 1.0 as a target: messages go unsettled, within the credit that the broker gives, and their
// outcomes tell what became of them (part 3, section 3.4).

import type { Delivery, EventContext, Sender, SenderOptions } from 'rhea';
import type { Message } from '../../../core/message.ts';
import type { MappingRules } from '../../mapping.ts';
import type { Parcel, RemoteTarget } from '../../remote.ts';
import { AmqpClient, conditionOf, kindOfCondition } from './amqp-client.ts';
import type { AmqpEnd } from './amqp-client.ts';
import { amqpAddress } from './amqp-names.ts';
import { Answers } from './answers.ts';
import { usualTiming } from './far-broker.ts';
import type { FarEndOptions } from './far-broker.ts';
import { FarTarget } from './far-target.ts';
import type { Answer, Outlet } from './far-target.ts';
import { mapForAmqp } from './map-for-broker.ts';
import { troubleWith } from './open-socket.ts';

export interface AmqpTargetOptions extends FarEndOptions {
  /** All sections, byte for byte those that the message came with if it came in AMQP. `now`: milliseconds since the epoch. */
  readonly encode: (message: Message, now: number) => Buffer;
  readonly rules: MappingRules;
}

export function amqpTarget(options: AmqpTargetOptions): RemoteTarget {
  const { address, broker, kind, name, rules } = options;
  return new FarTarget({
    address,
    broker,
    keepsOriginal: rules.rename.size === 0,
    map: (message, crossing, notes) => mapForAmqp(message, `${kind}://${name}`, rules, crossing, notes),
    connect: (signal) => AmqpOutlet.open({ ...options, signal }),
  });
}

interface Queued {
  readonly bytes: Buffer;
  readonly isWanted: () => boolean;
  readonly sent: (delivery: Delivery) => void;
}

class AmqpOutlet implements Outlet {
  readonly #options: AmqpTargetOptions;
  readonly #client: AmqpClient;
  readonly #sender: Sender;
  readonly #answers: Answers<Delivery>;
  /** What the link has no credit for yet. */
  readonly #queued: Queued[] = [];
  /** Handed to rhea, which counts them when it writes them. */
  #sent = 0;

  private constructor(options: AmqpTargetOptions, client: AmqpClient, sender: Sender) {
    const { clock, timing = usualTiming } = options;
    this.#options = options;
    this.#client = client;
    this.#sender = sender;
    this.#answers = new Answers(clock, timing.answerMs, () => {
      const isHeldBack = this.#answers.waiting === 0 && this.#queued.length > 0;
      if (isHeldBack) client.fail('throttled', 'it gives no credit: it takes no messages now');
      else client.fail('away', 'it does not answer');
    });
    client.onEnd(() => this.#answers.end());
    sender.on('sender_flow', () => this.#write());
    sender.on('accepted', ({ delivery }: EventContext) => this.#answered(delivery, { outcome: 'sent' }));
    sender.on('rejected', ({ delivery }: EventContext) => this.#answered(delivery, this.#rejection(delivery)));
    for (const event of ['released', 'modified']) {
      sender.on(event, ({ delivery }: EventContext) =>
        this.#answered(delivery, { outcome: 'again', reason: `it was ${event}` }),
      );
    }
    sender.on('sender_close', () => client.failWith(conditionOf(sender.error), true));
  }

  static async open(options: AmqpTargetOptions): Promise<AmqpOutlet> {
    const { kind, name, clock, timing = usualTiming } = options;
    const client = await AmqpClient.connect(options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    client.onEnd(({ trouble }) => reject(trouble));
    const settings: SenderOptions & { readonly treat_modified_as_released: boolean } = {
      target: { address: amqpAddress(kind, name, client.product), capabilities: [kind] },
      snd_settle_mode: 0,
      treat_modified_as_released: false,
    };
    const sender = client.connection.open_sender(settings);
    // A refused link is attached without a target, and detached with the reason (part 2, section 2.6.3).
    sender.once('sender_open', () => {
      if (hasTerminus(sender.target)) resolve();
    });
    sender.once('sender_close', () => client.failWith(conditionOf(sender.error), true));
    const timer = clock.after(timing.answerMs, () => client.fail('away', 'it does not answer the attach of a link'));
    try {
      await promise;
    } finally {
      timer.cancel();
    }
    return new AmqpOutlet(options, client, sender);
  }

  get end(): AmqpEnd | undefined {
    return this.#client.end;
  }

  send(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly (Answer | undefined)[]> {
    const { encode, clock } = this.#options;
    const largest = this.#sender.max_message_size;
    return this.#answers.collect(parcels.length, signal, (expect, answer) => {
      for (const [index, { mapped }] of parcels.entries()) {
        const bytes = encode(mapped, clock.now());
        if (largest > 0 && bytes.length > largest) {
          answer(index, { outcome: 'refused', reason: `${bytes.length} bytes: the link takes ${largest} at most` });
          continue;
        }
        this.#queued.push({
          bytes,
          isWanted: () => !signal.aborted,
          sent: (delivery) => expect(delivery, index),
        });
      }
      this.#write();
    });
  }

  close(): void {
    this.#client.close();
    this.#answers.end();
  }

  /** As far as there is credit: rhea would keep what is more, and not say so. */
  #write(): void {
    while (this.#client.end === undefined && this.#credit > 0) {
      const next = this.#queued.shift();
      if (next === undefined) return;
      if (!next.isWanted()) continue;
      const delivery = this.#sender.send(next.bytes, undefined, 0);
      this.#sent++;
      next.sent(delivery);
    }
  }

  get #credit(): number {
    return numberAt(this.#sender, 'credit') - (this.#sent - numberAt(this.#sender, 'delivery_count'));
  }

  #answered(delivery: Delivery | undefined, answer: Answer): void {
    if (delivery === undefined) return;
    // Where the receiver leaves the settlement to us (rcv-settle-mode second).
    if (!delivery.remote_settled) delivery.update(true);
    this.#answers.answer(delivery, answer);
  }

  #rejection(delivery: Delivery | undefined): Answer {
    const state: unknown = delivery?.remote_state;
    const error: unknown = typeof state === 'object' && state !== null ? Reflect.get(state, 'error') : undefined;
    const { condition, description } = conditionOf(error);
    const reason = [description, condition].filter((text) => text !== '').join(': ') || 'it was rejected';
    const kind = kindOfCondition(condition);
    if (kind === undefined) return { outcome: 'refused', reason };
    return { outcome: 'trouble', trouble: troubleWith(this.#options.broker, kind, reason) };
  }
}

/** Whether the other side has attached to something: rhea has an object for null, too. */
export function hasTerminus(terminus: unknown): boolean {
  return typeof terminus === 'object' && terminus !== null && 'address' in terminus;
}

function numberAt(value: object, name: string): number {
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'number' ? found : 0;
}
