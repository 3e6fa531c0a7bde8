// What a receiver is told of what happened to a message before: the last table of docs/compatibility.md's first part.

import type { DialectName } from './row.ts';
import type { Expected, View } from './view.ts';

export interface Happening extends Readonly<Partial<Record<DialectName, Expected>>> {
  readonly what: string;
  /** It is a dead letter now, in ActiveMQ.DLQ. */
  readonly dead?: true;
}

const timeOfDeath = {
  says: '*time of death*',
  matches: (value: string, time: number) => Math.abs(Number(value.replace('timestamp ', '')) - time) < 20_000,
};

/** A dead letter of the broker's queue `orders`. Its deliveries are counted anew. */
function death(what: string, reason: string): Happening {
  return {
    what,
    dead: true,
    amqp: {
      'first-acquirer': 'true',
      'delivery annotation x-opt-dead-letter-reason': JSON.stringify(reason),
      'delivery annotation x-opt-dead-letter-origin': '"queue://orders"',
      'delivery annotation x-opt-dead-letter-time': timeOfDeath,
    },
    stomp: {
      'original-destination': '/queue/orders',
      dlqDeliveryFailureCause: reason,
    },
    sqs: {
      ApproximateReceiveCount: '1',
      'attribute dead-letter-reason': `String ${JSON.stringify(reason)}`,
      'attribute dead-letter-origin': 'String "queue://orders"',
    },
  };
}

export const happenings = {
  nothing: { what: 'nothing', amqp: { 'first-acquirer': 'true' }, sqs: { ApproximateReceiveCount: '1' } },
  lost: {
    what: 'its receiver lost the connection',
    amqp: { 'delivery-count': '1' },
    stomp: { redelivered: 'true' },
    mqtt: { DUP: '1' },
  },
  released: { what: 'an AMQP receiver released it', stomp: { redelivered: 'true' } },
  failed: {
    what: 'an AMQP receiver modified it: delivery-failed',
    amqp: { 'delivery-count': '1' },
    stomp: { redelivered: 'true' },
  },
  failedForGood: death('the same, seven times', 'delivered 7 times without success'),
  rejected: death('an AMQP receiver rejected it', 'shop:no-stock: sold out'),
  undeliverable: death('an AMQP receiver modified it: undeliverable-here', 'undeliverable here, says its receiver'),
  nacked: death('a STOMP receiver sent NACK', 'refused by its consumer (NACK)'),
  expired: death('it expired', 'expired'),
  received: { what: 'it was received from SQS, and not deleted', sqs: { ApproximateReceiveCount: '2' } },
  redriven: {
    what: 'received from SQS twice, and moved by the redrive policy',
    sqs: {
      ApproximateReceiveCount: '3',
      DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:work',
    },
  },
} as const satisfies Readonly<Record<string, Happening>>;

export type HappeningName = keyof typeof happenings;

/** Places that are about earlier deliveries; all others are in the other tables. */
const places =
  /^(first-acquirer|delivery-count|delivery annotation .*|redelivered|original-destination|dlqDeliveryFailureCause|DUP|ApproximateReceiveCount|DeadLetterQueueSourceArn|attribute dead-letter-.*)$/;

export function ofEarlierDeliveries(view: View): View {
  return Object.fromEntries(Object.entries(view).filter(([place]) => places.test(place)));
}
