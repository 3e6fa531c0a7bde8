// Options of a destination (ActiveMQ's `queue://orders?consumer.exclusive=true`), as far as they are the consumer's.

import { refusal } from './conditions.ts';

export interface ConsumerOptions {
  readonly exclusive: boolean;
  readonly priority: number;
  readonly noLocal: boolean;
  readonly retroactive: boolean;
  readonly selector: string | undefined;
  readonly pendingLimit: number | undefined;
}

const prefix = 'consumer.';

/** The link says these itself, by its credit: ActiveMQ takes them and does not look at them on AMQP links. */
const saidByLink: ReadonlySet<string> = new Set(['prefetchSize', 'dispatchAsync']);
const known: ReadonlySet<string> = new Set([
  'exclusive',
  'maximumPendingMessageLimit',
  'priority',
  'noLocal',
  'retroactive',
  'selector',
  ...saidByLink,
]);

/** @throws WireError `amqp:invalid-field` for an option that is not known, or has a value that it cannot have. */
export function consumerOptions(options: ReadonlyMap<string, string>): ConsumerOptions {
  const given = new Map<string, string>();
  for (const [name, value] of options) {
    // Those of connections and producers stand in the same place, and are theirs.
    if (!name.startsWith(prefix)) continue;
    const option = name.slice(prefix.length);
    if (!known.has(option)) throw refusal('amqp:invalid-field', `unknown option ${name}`, 'address');
    given.set(option, value);
  }
  return {
    exclusive: readBoolean(given, 'exclusive'),
    priority: readPriority(given.get('priority')),
    noLocal: readBoolean(given, 'noLocal'),
    retroactive: readBoolean(given, 'retroactive'),
    selector: given.get('selector'),
    pendingLimit: readPendingLimit(given.get('maximumPendingMessageLimit')),
  };
}

function readBoolean(given: ReadonlyMap<string, string>, name: string): boolean {
  const value = given.get(name)?.toLowerCase() ?? 'false';
  if (value === 'true' || value === 'false') return value === 'true';
  throw refusal('amqp:invalid-field', `option ${prefix}${name} is "${value}"`, 'address');
}

/** ActiveMQ's 0 asks for none of its own. */
function readPendingLimit(value = '0'): number | undefined {
  if (/^[0-9]{1,9}$/.test(value)) return Number(value) || undefined;
  throw refusal('amqp:invalid-field', `option ${prefix}maximumPendingMessageLimit is "${value}"`, 'address');
}

/** ActiveMQ's priorities are a byte, of which the lower half is for brokers. */
function readPriority(value = '0'): number {
  const priority = Number(value);
  if (value !== '' && Number.isInteger(priority) && priority >= -128 && priority <= 127) return priority;
  throw refusal('amqp:invalid-field', `option ${prefix}priority is "${value}"`, 'address');
}
