// SQS through the AWS SDK: workers that receive and delete until the engine dies under them, and the drain at the end
// that takes everything there is.

import {
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import type { Ledger } from './ledger.ts';

/** Empty receives in a row, of a second each, after which a drain gives up. */
const receivesInVain = 30;

export function sqsClient(port: number): SQSClient {
  return new SQSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
}

/** Receives and deletes until a request fails, which it does when the engine is killed. */
export async function work(client: SQSClient, name: string, ledger: Ledger): Promise<void> {
  try {
    const url = await queueUrl(client, name);
    // What a killed engine left in flight is to come back while the run goes on.
    for (;;) await takeSome(client, url, ledger, { visibilitySeconds: 2, waitSeconds: 1 });
  } catch (error) {
    if (!isDisconnected(error)) throw error;
  }
}

/**
 * Takes everything, until what was sent last is among it and nothing is in flight.
 * `last`: its id.
 */
export async function drain(client: SQSClient, name: string, ledger: Ledger, last: string): Promise<void> {
  const url = await queueUrl(client, name);
  let seen = false;
  let inVain = 0;
  const take = async (): Promise<boolean> => {
    const taken = await takeSome(client, url, ledger, { visibilitySeconds: 3600, waitSeconds: 1 });
    if (taken.some(({ Body }) => Body?.startsWith(`${last} `))) seen = true;
    inVain = taken.length === 0 ? inVain + 1 : 0;
    if (inVain === receivesInVain) throw new Error(`queue "${name}" does not come to its end`);
    return seen;
  };
  const takeUntilLast = async (): Promise<void> => {
    while (!(await take()));
  };
  await Promise.all([takeUntilLast(), takeUntilLast(), takeUntilLast()]);
  // What earlier workers left in flight comes back when its time is over.
  while (await holdsAny(client, url)) await take();
}

async function queueUrl(client: SQSClient, name: string): Promise<string> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
  return QueueUrl!;
}

async function takeSome(
  client: SQSClient,
  url: string,
  ledger: Ledger,
  { visibilitySeconds, waitSeconds }: { readonly visibilitySeconds: number; readonly waitSeconds: number },
): Promise<readonly Message[]> {
  const askedAt = ledger.tick();
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: visibilitySeconds,
      WaitTimeSeconds: waitSeconds,
    }),
  );
  for (const { Body, MessageId } of messages) ledger.receive(Body!, MessageId!, askedAt);
  await remove(client, url, messages, ledger);
  return messages;
}

/** One by one when there are few, else in one request. */
async function remove(client: SQSClient, url: string, messages: readonly Message[], ledger: Ledger): Promise<void> {
  if (messages.length < 3) {
    for (const { Body, ReceiptHandle } of messages) {
      ledger.askToDelete(Body!);
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      ledger.delete(Body!);
    }
    return;
  }
  for (const { Body } of messages) ledger.askToDelete(Body!);
  const { Successful: successful = [] } = await client.send(
    new DeleteMessageBatchCommand({
      QueueUrl: url,
      Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
    }),
  );
  for (const { Id } of successful) ledger.delete(messages[Number(Id)]!.Body!);
}

async function holdsAny(client: SQSClient, url: string): Promise<boolean> {
  const names = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const;
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }),
  );
  return names.some((name) => Attributes?.[name] !== '0');
}

/** Whether the engine went away, and nothing else was wrong. */
function isDisconnected(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(code);
}
