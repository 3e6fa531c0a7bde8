// Makes the stream that the readings go to, with two shards, as a template of CloudFormation or Terraform would at AWS.
//   node examples/bridging/make-stream.ts

import { CreateStreamCommand, KinesisClient, waitUntilStreamExists } from '@aws-sdk/client-kinesis';

const client = new KinesisClient({});
const StreamName = 'telemetry';
await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
await waitUntilStreamExists({ client, maxWaitTime: 120 }, { StreamName });
console.log('the stream is there');
