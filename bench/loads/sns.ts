// SNS on the Query wire, which its SDKs speak: one publish a request, on connections that have one under way each.

import { HttpConnection, queryRequest } from './http.ts';
import type { LoadOptions } from './orders.ts';
import { Sender } from './sender.ts';

/** `destinations`: ARNs of topics. */
export async function snsPublisher({ port, connections, destinations, bodyBytes }: LoadOptions): Promise<Sender> {
  const sender = new Sender(1);
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    const TopicArn = destinations[i % destinations.length]!;
    const frame = queryRequest(port, 'Publish', { TopicArn, Message: 'x'.repeat(bodyBytes) });
    const connection = { send: () => http.socket.write(frame) };
    sender.add(connection);
    http.onAnswer = () => sender.acknowledged(connection, 1);
  }
  return sender;
}
