// A subscriber for tests, that keeps what it gets.

import type { Broker } from '../../broker/core/broker.ts';
import type { Destination } from '../../broker/core/address.ts';
import type { Entry } from '../../broker/core/entry.ts';
import type { Publisher, SubscribeOptions, Subscriber } from '../../broker/core/subscriber.ts';

export interface TestSubscriber {
  readonly subscriber: Subscriber;
  readonly bodies: string[];
  readonly entries: Entry[];
  readonly deleted: string[];
}

export const someone: Publisher = { clientId: undefined };

export function subscribe(
  broker: Broker,
  from: Destination | readonly Destination[],
  options: Partial<SubscribeOptions> & { readonly credit?: number } = {},
): TestSubscriber {
  const { credit = 100, ...rest } = options;
  const bodies: string[] = [];
  const entries: Entry[] = [];
  const deleted: string[] = [];
  const subscriber = broker.subscribe({
    from: 'kind' in from ? [from] : from,
    deliver: (entry, { body }) => {
      bodies.push(body.toString());
      entries.push(entry);
    },
    publisher: someone,
    label: 'test',
    onDeleted: () => deleted.push('deleted'),
    ...rest,
  });
  subscriber.setCredit(credit);
  return { subscriber, bodies, entries, deleted };
}
