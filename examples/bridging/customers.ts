// Two workers that take from the FIFO queue at once, and what they saw together: whether the orders of each customer, who
// numbers them from 1, came in order, and how many came twice.
//   node examples/bridging/customers.ts [ORDERS]

import { attribute, work } from './sqs-worker.ts';

const count = Number(process.argv[2] ?? 100);
const lastOf = new Map<string, number>();
let outOfOrder = 0;
let twice = 0;

function see(customer: string, number: number): void {
  const last = lastOf.get(customer) ?? 0;
  if (number <= last) twice++;
  else if (number > last + 1) outOfOrder++;
  lastOf.set(customer, Math.max(last, number));
}

const half = Math.floor(count / 2);
await Promise.all(
  [half, count - half].map((share) =>
    work('purchases.fifo', share, (message) =>
      see(message.Attributes?.MessageGroupId ?? '', Number(attribute(message, 'number'))),
    ),
  ),
);
console.log(`${count} orders of ${lastOf.size} customers: ${outOfOrder} out of order, ${twice} twice`);
