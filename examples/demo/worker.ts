// The new world: a worker that knows only SQS, through the AWS SDK. Takes what a route brought across, and deletes it.

import { setTimeout as pause } from 'node:timers/promises';
import { DeleteMessageBatchCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Broker } from './orders.ts';
import type { Tally } from './tally.ts';

const retryMs = 250;

/** What was taken, and not deleted because the worker or the engine died, comes again after this time. */
const VisibilityTimeout = 5;

export async function work({ host, port }: Broker, queue: string, tally: Tally, stopping: AbortSignal): Promise<void> {
  const client = new SQSClient({
    endpoint: `http://${host}:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  while (!stopping.aborted) {
    try {
      await takeSome(client, queue, tally, stopping);
    } catch {
      await pause(retryMs);
    }
  }
  client.destroy();
}

async function takeSome(client: SQSClient, queue: string, tally: Tally, abortSignal: AbortSignal): Promise<void> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queue }));
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5, VisibilityTimeout }),
      { abortSignal },
    );
    if (Messages.length === 0) continue;
    for (const { Body = '' } of Messages) tally.receive(Body);
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}
