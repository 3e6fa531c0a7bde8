// A shop with several customers, who order in turn: sends their orders over STOMP to /queue/purchases.
//   node examples/bridging/purchases.ts [ORDERS]

import { sendAll } from './stomp-sender.ts';
import type { StompMessage } from './stomp-sender.ts';

const count = Number(process.argv[2] ?? 100);
const customers = 5;

function* orders(): IterableIterator<StompMessage> {
  for (let i = 0; i < count; i++) {
    const number = String(Math.floor(i / customers) + 1);
    yield {
      headers: { destination: '/queue/purchases', 'content-type': 'application/json', number },
      body: JSON.stringify({ customer: `c-${(i % customers) + 1}`, item: 'lamp' }),
    };
  }
}

await sendAll(orders());
console.log(`${count} orders are with the broker`);
