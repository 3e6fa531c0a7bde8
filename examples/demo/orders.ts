// A web shop that knows STOMP: sends orders to /queue/orders, and counts one when the broker says that it is stored.

import stompit from 'stompit';
import type { Client } from 'stompit';

export interface Addresses {
  readonly host: string;
  readonly amqp: number;
  readonly mqtt: number;
  readonly stomp: number;
  readonly cloud: number;
}

export interface Producer {
  /** Confirmed by the broker. */
  readonly sent: number;
  /** Sends nothing more, and waits until all that was sent is confirmed. */
  stop(): Promise<void>;
}

const items = ['keyboard', 'trackball', 'lamp', 'desk', 'chair'];

export async function startOrders({ host, stomp: port }: Addresses): Promise<Producer> {
  const client = await connect(host, port);
  let number = 0;
  let sent = 0;
  const timer = setInterval(() => {
    number++;
    const order = { order: number, item: items[number % items.length], quantity: (number % 3) + 1 };
    const headers = {
      destination: '/queue/orders',
      persistent: 'true',
      'content-type': 'application/json',
      customer: `c-${number % 7}`,
    };
    client.send(headers, { onReceipt: () => sent++ }).end(JSON.stringify(order));
  }, 50);
  return {
    get sent() {
      return sent;
    },
    stop: () => {
      clearInterval(timer);
      return new Promise((resolve, reject) => {
        // The answer to DISCONNECT comes after those to everything before.
        client.disconnect((error) => (error ? reject(error) : resolve()));
      });
    },
  };
}

function connect(host: string, port: number): Promise<Client> {
  return new Promise((resolve, reject) => {
    stompit.connect({ host, port, connectHeaders: { host: '/', 'heart-beat': '0,0' } }, (error, client) => {
      if (error) reject(error);
      else resolve(client);
    });
  });
}
