// A client that asks as JMS clients do: each request names a temporary queue of the client's own as its reply-to, and a
// correlation id; the answer comes to that queue, with that id.
//   node examples/bridging/ask-quotes.ts [REQUESTS [SECONDS OF PATIENCE]]

import { once } from 'node:events';
import rhea from 'rhea';
import type { EventContext } from 'rhea';
import { broker } from './broker.ts';

const count = Number(process.argv[2] ?? 3);
const patienceMs = 1000 * Number(process.argv[3] ?? 3600);
const { host, ports } = broker;
const connection = rhea.create_container().connect({ host, port: ports.amqp });
connection.on('disconnected', () => console.error('no broker answers: is the engine running?'));
const sender = connection.open_sender({ target: { address: 'queue://quotes', capabilities: ['queue'] } });
// @ts-expect-error -- rhea's types want an address, which a temporary queue gets from the broker
const receiver = connection.open_receiver({ source: { dynamic: true, capabilities: ['temporary-queue'] } });
await Promise.all([once(sender, 'sendable'), once(receiver, 'receiver_open')]);

const answers: string[] = [];
receiver.on('message', ({ message }: EventContext) => {
  answers.push(`answer to ${String(message?.correlation_id)}: ${message?.body}`);
  if (answers.length === count) connection.close();
});
for (let number = 1; number <= count; number++) {
  sender.send({
    reply_to: receiver.source.address,
    correlation_id: `request-${number}`,
    durable: true,
    body: String(number),
  });
}
const giveUp = setTimeout(() => connection.close(), patienceMs);
await once(connection, 'connection_close');
clearTimeout(giveUp);
for (const answer of answers.toSorted()) console.log(answer);
if (answers.length < count) console.log(`${count - answers.length} without an answer`);
