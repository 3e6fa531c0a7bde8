// What ReceiveMessage shows of a message that SendMessage sent. Nothing crosses from SQS to the broker yet.

import { sqsViewOfSent } from './ends/sqs.ts';
import type { SqsMessage } from './ends/sqs.ts';
import { asSent } from './row.ts';
import type { Row, Table } from './row.ts';
import { arrival, newId } from './view.ts';

function attribute(field: string, DataType: string, value: string | Uint8Array): Row<SqsMessage> {
  const content = typeof value === 'string' ? { StringValue: value } : { BinaryValue: value };
  return {
    field,
    send: { MessageBody: 'hello', MessageAttributes: { colour: { DataType, ...content } } },
    sqs: asSent,
  };
}

export const fromSqs: Table<SqsMessage> = {
  from: 'sqs',
  to: ['sqs'],
  address: { QueueUrl: 'http://127.0.0.1:4566/000000000000/orders' },
  viewOfSent: sqsViewOfSent,
  rows: [
    {
      field: 'the least',
      send: { MessageBody: 'hello' },
      sqs: {
        MessageId: newId,
        SenderId: '000000000000',
        SentTimestamp: arrival,
        ApproximateReceiveCount: '1',
        ApproximateFirstReceiveTimestamp: arrival,
        body: '"hello"',
      },
    },
    attribute('String', 'String', 'red'),
    attribute('Number', 'Number', '1.50'),
    attribute('Binary', 'Binary', Buffer.from([0xff, 0x00])),
    attribute('type of one’s own', 'Number.cents', '150'),
    {
      field: 'group',
      send: { MessageBody: 'hello', MessageGroupId: 'customer-7' },
      sqs: asSent,
    },
    {
      field: 'trace header',
      send: {
        MessageBody: 'hello',
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe' } },
      },
      sqs: { AWSTraceHeader: 'Root=1-5759e988-bd862e3fe' },
    },
    { field: 'delay', send: { MessageBody: 'hello', DelaySeconds: 1 } },
  ],
};
