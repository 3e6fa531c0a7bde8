// Ends of routes as the cloud side would supply them.

import type { SqsEnd } from '../../broker/bridge/endpoints/sqs.ts';
import type { Broker } from '../../broker/core/broker.ts';

export function sqsEnd(broker: Broker, namespace: string, name: string, maxBytes = 1024 * 1024): SqsEnd | undefined {
  const queue = broker.find(namespace, name);
  if (queue === undefined) return undefined;
  return {
    queue,
    maxBytes,
    put: (transaction, message) => transaction.put([queue], message),
    onTaken: () => undefined,
    onSettled: () => undefined,
  };
}
