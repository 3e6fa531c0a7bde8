// The shop, as it always was: sends orders over STOMP to /queue/orders, and knows nothing of SQS.
//   node examples/bridging/shop.ts [ORDERS [FIRST NUMBER]]

import { sendAll } from './stomp-sender.ts';
import type { StompMessage } from './stomp-sender.ts';

const count = Number(process.argv[2] ?? 6);
const first = Number(process.argv[3] ?? 1);
const countries = ['NL', 'DE', 'NL', 'FR'];
const items = ['lamp', 'desk', 'chair'];

function* orders(): IterableIterator<StompMessage> {
  for (let number = first; number < first + count; number++) {
    const country = countries[(number - 1) % countries.length]!;
    const order = { number, item: items[number % items.length], euros: 10 * number };
    yield {
      headers: {
        destination: '/queue/orders',
        'content-type': 'application/json',
        country,
        // Urgent orders go first in the old world; a queue of SQS knows no priorities.
        priority: number % 3 === 0 ? '9' : '4',
        // SQS takes no such name.
        'printer tray': 'A4',
        // And this is nobody's business over there.
        'session-token': 'b2xkIHNob3A',
      },
      body: JSON.stringify(order),
    };
  }
}

await sendAll(orders());
console.log(`${count} orders are with the broker`);
