// SUBSCRIBE (STOMP 1.2, "SUBSCRIBE"), with ActiveMQ's headers where there is what they ask for. A header that asks
// for what is not there is refused: ignored, it would give the client something else than it believes to have.

import type { Destination } from '../../core/address.ts';
import { isFilter } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';
import { compileSelector } from '../../core/selector.ts';
import type { Selector } from '../../core/selector.ts';
import { parseDestination } from './destination.ts';
import { requireHeader } from './headers.ts';
import type { Session } from './session.ts';
import { ackModes } from './subscription.ts';
import type { AckMode } from './subscription.ts';
import type { Frame } from './wire/frame.ts';

/** Headers that are not supported, and the value with which they ask for nothing. */
const unsupported: readonly (readonly [name: string, harmless: string | undefined])[] = [
  ['browser', 'false'],
  ['transformation', undefined],
  ['activemq.subscriptionName', undefined],
  ['durable-subscription-name', undefined],
  ['durable-subscriber-name', undefined],
  ['activemq.exclusive', 'false'],
  ['activemq.retroactive', 'false'],
  ['activemq.priority', '0'],
  ['activemq.maximumPendingMessageLimit', '0'],
];

/** Those that are: `dispatchAsync` is about threads, and whatever it asks for is so. */
const supported: ReadonlySet<string> = new Set([
  'activemq.prefetchSize',
  'activemq.noLocal',
  'activemq.dispatchAsync',
  ...unsupported.map(([name]) => name),
]);

/** ActiveMQ's prefetch of a queue; its 32,767 for topics would be that many messages lost with a connection. */
const defaultPrefetch = 1000;
const maxPrefetch = 1_000_000;

export function handleSubscribe(session: Session, frame: Frame): () => void {
  const { headers } = frame;
  // 1.0 leaves the id to the client; from 1.1 on it "MUST be included".
  const id = session.version === '1.0' ? headers.get('id') : requireHeader(frame, 'id');
  const destination = parseDestination(requireHeader(frame, 'destination'));
  const ackMode = parseAckMode(headers.get('ack') ?? 'auto');
  refuseUnsupported(frame);
  if (destination.kind === 'queue' && isFilter(destination.name)) {
    throw new BrokerError('unsupported', `wildcards in queues are not supported: "${destination.name}"`);
  }
  const prefetch = parsePrefetch(headers.get('activemq.prefetchSize'));
  const noLocal = parseNoLocal(headers.get('activemq.noLocal'), destination);
  const selector = parseSelector(headers.get('selector'));
  const subscription = session.subscribe({ id, destination, ackMode, prefetch, noLocal, selector });
  // A client that waits for the RECEIPT does not expect a MESSAGE before it.
  return () => subscription.start();
}

/** Every property of STOMP is a string: numbers and booleans compare with what it says, as in ActiveMQ on request. */
function parseSelector(text: string | undefined): Selector | undefined {
  return text === undefined ? undefined : compileSelector(text, { convertStrings: true });
}

function parseAckMode(value: string): AckMode {
  const mode = ackModes.find((known) => known === value);
  if (mode === undefined) throw new BrokerError('invalid', `ack "${value}" is none of ${ackModes.join(', ')}`);
  return mode;
}

function refuseUnsupported({ headers }: Frame): void {
  for (const [name, harmless] of unsupported) {
    const value = headers.get(name);
    if (value !== undefined && value !== harmless) {
      throw new BrokerError('unsupported', `header "${name}" of SUBSCRIBE is not supported`);
    }
  }
  for (const name of headers.keys()) {
    if (!name.startsWith('activemq.') || supported.has(name)) continue;
    throw new BrokerError('unsupported', `header "${name}" of SUBSCRIBE is not supported`);
  }
}

function parsePrefetch(value: string | undefined): number {
  if (value === undefined) return defaultPrefetch;
  const prefetch = /^[0-9]{1,9}$/.test(value) ? Number(value) : 0;
  // ActiveMQ takes 0, and then never sends anything.
  if (prefetch < 1) throw new BrokerError('invalid', `activemq.prefetchSize "${value}" is not a number from 1 on`);
  return Math.min(prefetch, maxPrefetch);
}

function parseNoLocal(value: string | undefined, { kind }: Destination): boolean {
  if (value !== 'true') return false;
  if (kind === 'queue') throw new BrokerError('unsupported', 'activemq.noLocal is for topics');
  return true;
}
