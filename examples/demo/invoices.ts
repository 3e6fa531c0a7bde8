// Bookkeeping that knows AMQP 1.0: takes invoices from the broker's queue `invoices`, and accepts each. The client opens
// its connection again by itself when it breaks.

import { once } from 'node:events';
import rhea from 'rhea';
import type { EventContext } from 'rhea';
import type { Broker } from './orders.ts';
import type { Tally } from './tally.ts';

export async function bookInvoices({ host, port }: Broker, invoices: Tally, stopping: AbortSignal): Promise<void> {
  const container = rhea.create_container({ id: `demo-bookkeeping-${invoices.run}` });
  // Without a listener, rhea writes a line about each connection that breaks.
  container.on('disconnected', () => {});
  const connection = container.connect({ host, port, initial_reconnect_delay: 250, max_reconnect_delay: 250 });
  const receiver = connection.open_receiver({ source: { address: 'queue://invoices' }, autoaccept: false });
  receiver.on('message', ({ message, delivery }: EventContext) => {
    invoices.receive(String(message?.body));
    delivery?.accept();
  });
  await once(stopping, 'abort');
  connection.close();
  await Promise.race([once(connection, 'connection_close'), once(connection, 'disconnected')]);
}
