// A queue or topic behind STOMP 1.2 as a source: acknowledged one by one (client-individual), so many at once as the prefetch
// says. Subscriptions to topics are durable, in the ways of ActiveMQ and of RabbitMQ.

import { BrokerError } from '../../../core/errors.ts';
import type { Message } from '../../../core/message.ts';
import type { Source } from '../../source.ts';
import { usualTiming } from './far-broker.ts';
import type { FarSourceOptions } from './far-broker.ts';
import { FarSource } from './far-source.ts';
import type { Feed, FeedEvents } from './far-source.ts';
import { kindOfError, StompClient, textOf } from './stomp-client.ts';
import type { StompCodec, StompFrame } from './stomp-client.ts';
import { stompDestination } from './stomp-names.ts';

export interface StompSourceOptions extends FarSourceOptions {
  readonly codec: StompCodec;
}

export function stompSource(options: StompSourceOptions): Source {
  return new FarSource(options, (events, window, signal) => open({ ...options, signal }, events, window));
}

/** Headers whose values must have a meaning: without them, a message that has none of it can still be read. */
const particular: ReadonlySet<string> = new Set([
  'priority',
  'timestamp',
  'expires',
  'JMSXGroupSeq',
  'amq-msg-type',
  'transformation',
]);
const topicPrefix = '/topic/';

async function open(options: StompSourceOptions, { deliver, onLost }: FeedEvents, window: number): Promise<Feed> {
  const { codec, kind, name, route, clock, timing = usualTiming } = options;
  const subscription = `causeway.${route}`;
  const isTopic = kind === 'topic';
  const client = await StompClient.connect(options, codec, isTopic ? subscription : undefined);
  const receipt = client.newReceipt();
  const { promise: subscribed, resolve, reject } = Promise.withResolvers<void>();
  let isOpen = false;
  client.listen(
    (frame) => {
      if (frame.command === 'MESSAGE') deliver(deliveryOf(frame));
      else if (frame.command === 'RECEIPT' && frame.headers.get('receipt-id') === receipt) resolve();
      else if (frame.command === 'ERROR') client.fail(kindOfError(textOf(frame)) ?? 'away', textOf(frame));
    },
    ({ trouble }) => (isOpen ? onLost(trouble) : reject(trouble)),
  );
  client.write('SUBSCRIBE', [
    ['id', subscription],
    ['destination', stompDestination(kind, name, client.server)],
    ['ack', 'client-individual'],
    ['activemq.prefetchSize', String(window)],
    ['prefetch-count', String(window)],
    ...(isTopic ? durable(subscription) : []),
    ['receipt', receipt],
  ]);
  const timer = clock.after(timing.answerMs, () => client.fail('away', 'it does not answer SUBSCRIBE'));
  try {
    await subscribed;
  } finally {
    timer.cancel();
  }
  isOpen = true;
  return {
    isNew: false,
    freed: () => undefined,
    pause: (isPaused) => client.pause(isPaused),
    close: () => client.close(),
  };

  function deliveryOf(frame: StompFrame): Parameters<FeedEvents['deliver']>[0] {
    const { headers } = frame;
    const id = headers.get('message-id');
    const ack = headers.get('ack') ?? id ?? '';
    return {
      message: read(options, frame, id ?? ack),
      id,
      mark: id,
      isRedelivered: headers.get('redelivered') === 'true',
      returns: true,
      acknowledge: () => client.write('ACK', [['id', ack]]),
    };
  }
}

function durable(subscription: string): [string, string][] {
  return [
    ['activemq.subscriptionName', subscription],
    ['durable', 'true'],
    ['auto-delete', 'false'],
  ];
}

function read({ codec, kind, name, clock }: StompSourceOptions, frame: StompFrame, id: string): Message {
  const destination = frame.headers.get('destination') ?? '';
  const isNamed = kind === 'topic' && destination.startsWith(topicPrefix);
  const to = `${kind}://${isNamed ? destination.slice(topicPrefix.length) : name}`;
  // The body is a view of what the socket read, and stays for longer.
  const kept = { ...frame, body: Buffer.from(frame.body) };
  try {
    return codec.read(kept, to, id, clock.now());
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    const headers = new Map([...frame.headers].filter(([header]) => !particular.has(header)));
    return codec.read({ ...kept, headers }, to, id, clock.now());
  }
}
