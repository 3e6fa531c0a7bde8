// A queue or topic behind AMQP 1.0 as a source: link credit for as much as is held at most, accepted after the commit.
// Subscriptions to topics are durable: they go by container and link name, and do not expire.

import { randomUUID } from 'node:crypto';
import type { Delivery, EventContext, Receiver } from 'rhea';
import { BrokerError } from '../../../core/errors.ts';
import type { Message } from '../../../core/message.ts';
import type { Source } from '../../source.ts';
import { AmqpClient, conditionOf } from './amqp-client.ts';
import { amqpAddress } from './amqp-names.ts';
import { hasTerminus } from './amqp-target.ts';
import { usualTiming } from './far-broker.ts';
import type { FarSourceOptions } from './far-broker.ts';
import { FarSource } from './far-source.ts';
import type { Feed, FeedEvents } from './far-source.ts';
import { messageOf } from '../../../util/network-words.ts';

/** A message as its bytes say it. */
export interface DecodedAmqp {
  readonly message: Message;
  /** Its sender gave it an id. */
  readonly hasId: boolean;
  readonly isRedelivered: boolean;
}

export interface AmqpSourceOptions extends FarSourceOptions {
  /** `to`: where it was taken from. @throws BrokerError for bytes that are no message. */
  readonly decode: (bytes: Buffer, to: string, newId: () => string, now: number) => DecodedAmqp;
}

export function amqpSource(options: AmqpSourceOptions): Source {
  return new FarSource(options, (events, window, signal) => open({ ...options, signal }, events, window));
}

/** Credit is given again when so much of it is used. */
const creditShare = 1 / 4;
/** Terminus durability: what is not settled is kept, too (part 3, section 3.5.5). */
const unsettledState = 2;
const noSubscriptions =
  'it keeps no subscriptions over AMQP 1.0: take from a queue that is bound to the topic, or from the topic by MQTT or STOMP';
const undecodable = 'amqp:decode-error';

async function open(options: AmqpSourceOptions, events: FeedEvents, window: number): Promise<Feed> {
  const { clock, timing = usualTiming, kind, name, route } = options;
  const client = await AmqpClient.connect(options, `causeway.${route}`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isOpen = false;
  client.onEnd(({ trouble }) => (isOpen ? events.onLost(trouble) : reject(trouble)));
  const isTopic = kind === 'topic';
  const receiver: Receiver = client.connection.open_receiver({
    name: `causeway.${route}`,
    source: {
      address: amqpAddress(kind, name, client.product),
      capabilities: [kind],
      ...(isTopic ? { durable: unsettledState, expiry_policy: 'never' } : {}),
    },
    credit_window: 0,
    autoaccept: false,
    snd_settle_mode: 0,
    rcv_settle_mode: 0,
  });
  receiver.on('message', (context: EventContext) => {
    const { delivery } = context;
    const bytes: unknown = context.message;
    if (delivery === undefined || !Buffer.isBuffer(bytes)) return;
    const read = tryDecode(options, bytes);
    if (typeof read === 'string') {
      options.log.warn({ address: options.address, error: read }, 'a message that cannot be read was rejected');
      delivery.reject({ condition: undecodable, description: read });
      feed.freed();
    } else events.deliver(deliveryOf(read, delivery));
  });
  // A refused link is attached without a source, and detached with the reason (part 2, section 2.6.3).
  receiver.once('receiver_open', () => {
    if (!hasTerminus(receiver.source)) return;
    if (isTopic && !keepsSubscriptions(client, receiver)) client.fail('not-allowed', noSubscriptions);
    else resolve();
  });
  receiver.on('receiver_close', () => client.failWith(conditionOf(receiver.error), true));
  const timer = clock.after(timing.answerMs, () => client.fail('away', 'it does not answer the attach of a link'));
  let freed = 0;
  const feed: Feed = {
    isNew: false,
    freed: () => {
      freed++;
      if (freed < window * creditShare) return;
      receiver.add_credit(freed);
      freed = 0;
    },
    pause: (isPaused) => client.pause(isPaused),
    close: () => {
      // Closed, a durable subscription would end.
      if (isTopic && client.end === undefined) receiver.detach();
      client.close();
    },
  };
  try {
    await promise;
  } finally {
    timer.cancel();
  }
  isOpen = true;
  receiver.add_credit(window);
  return feed;
}

/** RabbitMQ says that it does, and drops the queue with the link. */
function keepsSubscriptions({ product }: AmqpClient, { source }: Receiver): boolean {
  return product.name !== 'RabbitMQ' && (source.durable ?? 0) > 0;
}

/** Text: why it is none. */
function tryDecode({ decode, kind, name, clock }: AmqpSourceOptions, bytes: Buffer): DecodedAmqp | string {
  try {
    // The bytes are a view of what the socket read, and stay for longer.
    return decode(Buffer.from(bytes), `${kind}://${name}`, randomUUID, clock.now());
  } catch (error) {
    if (error instanceof BrokerError) return messageOf(error);
    throw error;
  }
}

function deliveryOf(
  { message, hasId, isRedelivered }: DecodedAmqp,
  delivery: Delivery,
): Parameters<FeedEvents['deliver']>[0] {
  const id = hasId ? message.id : undefined;
  return {
    message,
    id,
    mark: id,
    isRedelivered,
    // Sent settled, it does not come again.
    returns: !delivery.remote_settled,
    acknowledge: () => delivery.accept(),
  };
}
