// Nodes that come into being with a link (part 3, section 3.5.10): temporary queues and topics, from which only the
// connection that made them receives, and which are deleted when that link is closed, whatever lifetime was asked for.

import type { Destination, DestinationKind } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';
import { entry, symbol, type MapEntries } from './codec/value.ts';
import { refusal, WireError } from './conditions.ts';
import type { Connection } from './connection.ts';

/** As all of them have: lifetime-policy delete-on-close. */
export const nodeProperties: MapEntries = [
  [
    symbol('lifetime-policy'),
    { type: 'described', value: { descriptor: { type: 'ulong', value: 0x2bn }, value: { type: 'list', value: [] } } },
  ],
];

export interface DynamicNode {
  readonly destination: Destination;
  /** The link is over. Idempotent. */
  delete(): void;
}

/** Descriptors of lifetime policies (3.5.10 to 3.5.13). */
const lifetimePolicies: ReadonlySet<unknown> = new Set([
  0x2bn,
  0x2cn,
  0x2dn,
  0x2en,
  'amqp:delete-on-close:list',
  'amqp:delete-on-no-links:list',
  'amqp:delete-on-no-messages:list',
  'amqp:delete-on-no-links-or-messages:list',
]);

/**
 * `asked`: its dynamic-node-properties.
 * @throws BrokerError `unauthorized`, `limit`; WireError for a kind that is not temporary, or properties that are none.
 */
export function createNode(
  connection: Connection,
  asked: MapEntries | undefined,
  kind: DestinationKind = 'temp-queue',
): DynamicNode {
  requireProperties(asked);
  if (kind !== 'temp-queue' && kind !== 'temp-topic') {
    throw refusal('amqp:not-implemented', `a dynamic node is a temporary one, and no ${kind}`, 'capabilities');
  }
  const { temporary } = connection.context.broker;
  const destination = temporary.create(kind, connection);
  const node = { destination, delete: () => deleteNode(connection, destination) };
  try {
    connection.authorize('create', destination);
  } catch (error) {
    node.delete();
    throw error;
  }
  return node;
}

/** Of the types that they must have (3.5.9): what they ask for beyond that is answered with what the node has. */
function requireProperties(asked: MapEntries | undefined): void {
  const policy = entry(asked, 'lifetime-policy');
  const isPolicy = policy?.type === 'described' && lifetimePolicies.has(policy.value.descriptor.value);
  if (policy !== undefined && !isPolicy) throw refusal('amqp:invalid-field', 'no lifetime-policy', 'lifetime-policy');
  const modes = entry(asked, 'supported-dist-modes');
  const areModes = modes?.type === 'symbol' || (modes?.type === 'array' && modes.value.element === 'symbol');
  if (modes !== undefined && !areModes) {
    throw refusal('amqp:invalid-field', 'no distribution modes', 'supported-dist-modes');
  }
}

function deleteNode(connection: Connection, destination: Destination): void {
  // Its consumers are all on this connection.
  connection.detachFrom(destination, new WireError('link', 'amqp:resource-deleted', 'the temporary node was deleted'));
  try {
    connection.context.broker.temporary.delete(destination, connection);
  } catch (error) {
    // It went with its connection.
    if (!(error instanceof BrokerError) || error.code !== 'not-found') throw error;
  }
}
