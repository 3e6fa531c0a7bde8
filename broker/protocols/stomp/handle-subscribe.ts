// SUBSCRIBE (STOMP 1.2, "SUBSCRIBE"), with ActiveMQ's headers where there is what they ask for, and its destination options,
// which ask for the same. What asks for what is not there is refused: ignored, it would give the client something else
// than it believes to have.

import { isTopic } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';
import type { SelectorSource } from '../../core/subscriber.ts';
import type { Source } from './destination.ts';
import { durableNameOf, requireHeader } from './headers.ts';
import type { Session } from './session.ts';
import { ackModes } from './subscription.ts';
import type { AckMode } from './subscription.ts';
import { parseTransformation } from './transformation.ts';
import type { Frame } from './wire/frame.ts';

/** What is behind `activemq.` in headers, and behind `consumer.` in options of the destination. */
const supported: ReadonlySet<string> = new Set([
  'exclusive',
  'maximumPendingMessageLimit',
  'noLocal',
  'prefetchSize',
  'priority',
  'retroactive',
  'selector',
  'subscriptionName',
  // How older clients spell it; ActiveMQ takes it too.
  'subcriptionName',
  // How messages are handed over within ActiveMQ: whatever these ask for is so.
  'dispatchAsync',
  'optimizedAcknowledge',
  'noRangeAcks',
]);

/** What is not there, and the value with which it is asked for nothing. */
const unsupported: ReadonlyMap<string, string> = new Map([
  ['networkSubscription', 'false'],
  ['browser', 'false'],
]);

/** ActiveMQ's prefetch of a queue; its 32,767 for topics would be that many messages lost with a connection. */
const defaultPrefetch = 1000;
const maxPrefetch = 1_000_000;
const highestPriority = 127;

export function handleSubscribe(session: Session, frame: Frame): () => void {
  const { headers } = frame;
  // 1.0 leaves the id to the client; from 1.1 on it "MUST be included".
  const id = session.version === '1.0' ? headers.get('id') : requireHeader(frame, 'id');
  const source = session.names.source(requireHeader(frame, 'destination'));
  const from = source.destinations;
  for (const destination of from) session.authorize('read', destination);
  const ackMode = parseAckMode(headers.get('ack') ?? 'auto');
  const asked = optionsOf(frame, source);
  const transformation = headers.get('transformation');
  const options = {
    id,
    from,
    ackMode,
    prefetch: parsePrefetch(asked.get('prefetchSize')),
    selector: selectorOf(frame, asked),
    noLocal: parseFlag('noLocal', asked),
    exclusive: parseFlag('exclusive', asked),
    priority: parsePriority(asked.get('priority')),
    retroactive: parseFlag('retroactive', asked),
    pendingLimit: parsePendingLimit(asked.get('maximumPendingMessageLimit')),
    durableName: durableNameOf(frame) ?? asked.get('subscriptionName'),
    transformation: transformation === undefined ? undefined : parseTransformation(transformation),
  };
  const hasTopics = from.some((destination) => isTopic(destination));
  if (options.noLocal && !hasTopics) throw new BrokerError('unsupported', 'activemq.noLocal is for topics');
  if (isBrowser(session, frame)) {
    const browser = session.browse(options);
    return () => browser.start();
  }
  if (options.durableName !== undefined && session.clientId === undefined) {
    throw new BrokerError('invalid', 'a durable subscription needs the header "client-id" of CONNECT');
  }
  const subscription = session.subscribe(options);
  if (options.durableName !== undefined) session.commits.await(subscription.subscriber.saved);
  // A client that waits for the RECEIPT does not expect a MESSAGE before it.
  return () => subscription.start();
}

/** ActiveMQ knows browsers from 1.1 on: 1.0 has no subscription header to tell where the end belongs to. */
function isBrowser({ version }: Session, { headers }: Frame): boolean {
  const value = headers.get('browser');
  if (value === undefined || value === 'false') return false;
  if (value !== 'true') throw new BrokerError('invalid', `browser "${value}" is neither true nor false`);
  if (version === '1.0') throw new BrokerError('unsupported', 'browsing a queue needs STOMP 1.1 or later');
  return true;
}

function parseAckMode(value: string): AckMode {
  const mode = ackModes.find((known) => known === value);
  if (mode === undefined) throw new BrokerError('invalid', `ack "${value}" is none of ${ackModes.join(', ')}`);
  return mode;
}

/** By their names without what is in front. A header counts before an option. */
function optionsOf({ headers }: Frame, { options }: Source): ReadonlyMap<string, string> {
  const asked = new Map<string, string>();
  for (const [name, value] of headers) {
    if (!name.startsWith('activemq.')) continue;
    accept(asked, name.slice('activemq.'.length), value, `header "${name}" of SUBSCRIBE`);
  }
  for (const [name, value] of options) {
    const what = `destination option "${name}"`;
    if (!name.startsWith('consumer.')) throw new BrokerError('unsupported', `${what} is not supported`);
    if (!asked.has(name.slice('consumer.'.length))) accept(asked, name.slice('consumer.'.length), value, what);
  }
  return asked;
}

function accept(asked: Map<string, string>, name: string, value: string, what: string): void {
  // Without a value it asks for nothing: `activemq.prefetchSize=1` is the name of a header that has none.
  if (value === '') return;
  if (supported.has(name)) asked.set(name, value);
  else if (unsupported.get(name) !== value) throw new BrokerError('unsupported', `${what} is not supported`);
}

/** Every property of STOMP is a string: numbers and booleans compare with what it says, as in ActiveMQ. */
function selectorOf({ headers }: Frame, asked: ReadonlyMap<string, string>): SelectorSource | undefined {
  const text = headers.get('selector') ?? asked.get('selector');
  return text === undefined ? undefined : { text, convertStrings: true };
}

function parsePrefetch(value: string | undefined): number {
  if (value === undefined) return defaultPrefetch;
  const prefetch = /^[0-9]{1,9}$/.test(value) ? Number(value) : 0;
  // ActiveMQ takes 0, and then never sends anything.
  if (prefetch < 1) throw new BrokerError('invalid', `activemq.prefetchSize "${value}" is not a number from 1 on`);
  return Math.min(prefetch, maxPrefetch);
}

/** ActiveMQ's 0 asks for none of its own. */
function parsePendingLimit(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const limit = /^[0-9]{1,9}$/.test(value) ? Number(value) : -1;
  if (limit < 0) throw new BrokerError('invalid', `activemq.maximumPendingMessageLimit "${value}" is not a number`);
  return limit === 0 ? undefined : limit;
}

function parsePriority(value: string | undefined): number {
  if (value === undefined) return 0;
  const priority = /^[0-9]{1,3}$/.test(value) ? Number(value) : highestPriority + 1;
  if (priority <= highestPriority) return priority;
  throw new BrokerError('invalid', `activemq.priority "${value}" is not a number from 0 to ${highestPriority}`);
}

function parseFlag(name: string, asked: ReadonlyMap<string, string>): boolean {
  const value = asked.get(name) ?? 'false';
  if (value === 'true' || value === 'false') return value === 'true';
  throw new BrokerError('invalid', `activemq.${name} "${value}" is neither true nor false`);
}
