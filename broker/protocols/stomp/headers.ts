// Reading the headers of client frames: which of them a frame must have (STOMP 1.2, "Frames and Headers"), and those that
// have several names.

import { BrokerError } from '../../core/errors.ts';
import type { Frame } from './wire/frame.ts';

/** @throws BrokerError `invalid`. */
export function requireHeader({ command, headers }: Frame, name: string): string {
  const value = headers.get(name);
  if (value === undefined) throw new BrokerError('invalid', `${command} without the header "${name}"`);
  return value;
}

/** ActiveMQ's, as it is and as it was once spelled, and those of Artemis. */
const durableNames = [
  'activemq.subscriptionName',
  'activemq.subcriptionName',
  'durable-subscription-name',
  'durable-subscriber-name',
];

/** The durable subscription that SUBSCRIBE or UNSUBSCRIBE names. @throws BrokerError `invalid`. */
export function durableNameOf({ headers }: Frame): string | undefined {
  for (const header of durableNames) {
    const name = headers.get(header);
    if (name === '') throw new BrokerError('invalid', `header "${header}" has no value`);
    if (name !== undefined) return name;
  }
  return undefined;
}
