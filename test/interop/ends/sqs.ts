// SQS by the AWS SDK for JavaScript, version 3.

import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Message, MessageAttributeValue, SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { octets } from '../view.ts';
import type { View } from '../view.ts';

export type SqsMessage = Omit<SendMessageCommandInput, 'QueueUrl'>;

export class SqsEnd implements Disposable {
  readonly client: SQSClient;

  constructor(port: number) {
    this.client = new SQSClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  async create(name: string, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  }

  async send(queue: string, message: SqsMessage): Promise<void> {
    await this.client.send(new SendMessageCommand({ ...message, QueueUrl: await this.#url(queue) }));
  }

  /** The next message, deleted from its queue. */
  async take(queue: string): Promise<View> {
    const message = await this.receive(queue);
    const QueueUrl = await this.#url(queue);
    await this.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle! }));
    return sqsView(message);
  }

  async receive(
    queue: string,
    options: { readonly VisibilityTimeout?: number; readonly WaitTimeSeconds?: number } = {},
  ): Promise<Message> {
    const { Messages: [message] = [] } = await this.client.send(
      new ReceiveMessageCommand({
        QueueUrl: await this.#url(queue),
        WaitTimeSeconds: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
        ...options,
      }),
    );
    if (message === undefined) throw new Error(`waited in vain for a message in SQS queue ${queue}`);
    return message;
  }

  [Symbol.dispose](): void {
    this.client.destroy();
  }

  async #url(queue: string): Promise<string> {
    const { QueueUrl } = await this.client.send(new GetQueueUrlCommand({ QueueName: queue }));
    return QueueUrl!;
  }
}

export function sqsViewOfSent({
  MessageBody,
  MessageAttributes = {},
  MessageSystemAttributes = {},
  ...others
}: SqsMessage): View {
  return {
    ...named('', others),
    ...named('', MessageSystemAttributes),
    ...named('attribute ', MessageAttributes),
    body: octets(Buffer.from(MessageBody ?? '')),
  };
}

export function sqsView({ MessageId = '', Body = '', MessageAttributes = {}, Attributes = {} }: Message): View {
  return {
    MessageId,
    ...Attributes,
    ...named('attribute ', MessageAttributes),
    body: octets(Buffer.from(Body)),
  };
}

function named(prefix: string, values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      prefix + name,
      typeof value === 'object' && value !== null ? attributeText(value as MessageAttributeValue) : String(value),
    ]),
  );
}

/** `String "red"`, `Number 7`, `Binary 0x01ff`. */
function attributeText({ DataType, StringValue, BinaryValue }: MessageAttributeValue): string {
  if (BinaryValue !== undefined) return `${DataType} ${octets(BinaryValue)}`;
  return `${DataType} ${DataType?.startsWith('Number') === true ? StringValue : JSON.stringify(StringValue)}`;
}
