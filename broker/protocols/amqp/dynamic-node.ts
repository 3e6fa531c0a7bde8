// Nodes that come into being with a link (part 3, section 3.5.10): temporary queues and topics, from which only the
// connection that made them receives, and which are deleted when that link is closed, whatever lifetime was asked for.

import type { Destination, DestinationKind } from '../../core/address.ts';
import { BrokerError } from '../../core/errors.ts';
import { symbol, type MapEntries } from './codec/value.ts';
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

/** @throws BrokerError `unauthorized`, `limit`; WireError for a kind that is not temporary. */
export function createNode(connection: Connection, kind: DestinationKind = 'temp-queue'): DynamicNode {
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
