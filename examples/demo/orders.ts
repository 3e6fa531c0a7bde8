// A web shop that knows STOMP: each order goes to /queue/orders and its invoice to /queue/invoices, in one transaction,
// and the next comes after the broker's receipt. When the connection breaks, it is opened again, and the order sent again.

import { setTimeout as pause } from 'node:timers/promises';
import stompit from 'stompit';
import type { Client } from 'stompit';
import type { Tally } from './tally.ts';

const items = ['keyboard', 'trackball', 'lamp', 'desk', 'chair'];
const pauseMs = 50;
const retryMs = 250;

export interface Broker {
  readonly host: string;
  readonly port: number;
}

export async function sendOrders(broker: Broker, orders: Tally, invoices: Tally, stopping: AbortSignal): Promise<void> {
  let client: Client | undefined;
  const forget = (): void => void (client = undefined);
  for (let number = 1; !stopping.aborted;) {
    try {
      client ??= await connect(broker, forget);
      await order(client, orders.run, number);
    } catch {
      await pause(retryMs);
      continue;
    }
    orders.sent++;
    invoices.sent++;
    number++;
    await pause(pauseMs);
  }
  client?.disconnect();
}

/** Resolves when order and invoice are stored. */
function order(client: Client, run: string, number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    const item = items[number % items.length];
    const headers = { persistent: 'true', 'content-type': 'application/json', customer: `c-${number % 7}` };
    const transaction = client.begin();
    transaction
      .send({ ...headers, destination: '/queue/orders' })
      .end(JSON.stringify({ run, number, item, quantity: (number % 3) + 1 }));
    transaction
      .send({ ...headers, destination: '/queue/invoices' })
      .end(JSON.stringify({ run, number, euros: 10 + (number % 90) }));
    transaction.commit({
      onReceipt: () => {
        client.off('error', reject);
        resolve();
      },
    });
  });
}

function connect({ host, port }: Broker, onLost: () => void): Promise<Client> {
  return new Promise((resolve, reject) => {
    stompit.connect({ host, port, connectHeaders: { host: '/', 'heart-beat': '0,0' } }, (error, client) => {
      if (error !== null) {
        reject(error);
        return;
      }
      client.on('error', onLost);
      resolve(client);
    });
  });
}
