// What the workers of these examples have in common: they know SQS and nothing of the broker. Where SQS is, and who they are,
// the AWS SDK finds in the environment (AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_PROFILE, …), so that the same
// worker runs against Causeway and against AWS.

import { DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';

export type SqsMessage = Message;

/** Works on so many messages of a queue, and deletes each when the work on it is done. */
export async function work(
  queue: string,
  count: number,
  workOn: (message: SqsMessage, client: SQSClient) => Promise<void> | void,
): Promise<void> {
  const client = new SQSClient({});
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queue }));
  for (let left = count; left > 0;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(left, 10),
        WaitTimeSeconds: 20,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    for (const message of Messages) {
      await workOn(message, client);
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    }
    left -= Messages.length;
  }
  client.destroy();
}

/** An attribute of a message, as text. */
export function attribute({ MessageAttributes }: SqsMessage, name: string): string | undefined {
  return MessageAttributes?.[name]?.StringValue;
}
