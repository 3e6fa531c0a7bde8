// The old worker, as it always was: takes orders from the broker's queue over AMQP 1.0, and accepts each when it is done.
//   node examples/bridging/old-worker.ts [ORDERS]

import { once } from 'node:events';
import rhea from 'rhea';
import type { EventContext } from 'rhea';
import { broker } from './broker.ts';

let left = Number(process.argv[2] ?? 6);
const { host, ports } = broker;
const connection = rhea.create_container().connect({ host, port: ports.amqp });
connection.on('disconnected', () => console.error('no broker answers: is the engine running?'));
const receiver = connection.open_receiver({
  source: { address: 'queue://orders' },
  autoaccept: false,
  // As many as it is to take, and no more: what it is given and does not take waits for nobody else.
  credit_window: 0,
});
receiver.on('receiver_open', () => receiver.add_credit(left));
receiver.on('message', ({ message, delivery }: EventContext) => {
  const country = String(message?.application_properties?.['country']);
  console.log(`old worker, ${country}: ${message?.body}`);
  delivery?.accept();
  if (--left > 0) return;
  connection.close();
});
await once(connection, 'connection_close');
