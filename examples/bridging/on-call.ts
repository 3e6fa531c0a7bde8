// Those on call: takes so many alarms from SQS. The topic that an alarm was published to is an attribute.
//   node examples/bridging/on-call.ts [ALARMS]

import { attribute, work } from './sqs-worker.ts';

await work('alarms', Number(process.argv[2] ?? 1), (message) => {
  console.log(`ALARM from ${attribute(message, 'destination')}: ${message.Body}`);
});
