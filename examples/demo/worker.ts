// The new world: a worker that knows only SQS, through the AWS SDK. It takes what the routes brought across.

import { DeleteMessageBatchCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Addresses } from './orders.ts';

export interface Worker {
  /** Received and deleted. */
  readonly done: number;
  stop(): Promise<void>;
}

export async function startWorker({ host, cloud: port }: Addresses, queue: string): Promise<Worker> {
  const client = new SQSClient({
    endpoint: `http://${host}:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queue }));
  const stopping = new AbortController();
  let done = 0;
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
      const { Messages = [] } = await client.send(receive, { abortSignal: stopping.signal });
      if (Messages.length === 0) continue;
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      const { Successful = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      done += Successful.length;
    }
  };
  const working = work().catch((error: unknown) => {
    // The wait for messages was cut short by stop().
    if (!stopping.signal.aborted) throw error;
  });
  return {
    get done() {
      return done;
    },
    stop: async () => {
      stopping.abort();
      await working;
      client.destroy();
    },
  };
}
