// The new worker: takes orders from a queue of SQS with the AWS SDK, and deletes each when it is done.
//   node examples/bridging/new-worker.ts [QUEUE [ORDERS]]

import { attribute, work } from './sqs-worker.ts';

const queue = process.argv[2] ?? 'orders';
const count = Number(process.argv[3] ?? 6);

await work(queue, count, (message) => {
  console.log(`new worker, ${attribute(message, 'country')}: ${message.Body}`);
});
