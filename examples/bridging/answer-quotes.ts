// The worker that answers: knows only SQS. It answers to the queue that the request names, and hands the correlation id back:
// that is all that a route needs to bring the answer to whoever asked.
//   node examples/bridging/answer-quotes.ts [REQUESTS]

import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { attribute, work } from './sqs-worker.ts';

const count = Number(process.argv[2] ?? 3);
const euros = 25;

await work('quotes', count, async (message, client) => {
  const replyTo = attribute(message, 'reply-to');
  const correlationId = attribute(message, 'correlation-id');
  if (replyTo === undefined) return;
  console.log(`answers ${correlationId} to ${replyTo}`);
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: replyTo.replace('sqs://', '') }));
  await client.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: `${Number(message.Body) * euros} euros`,
      MessageAttributes: {
        'correlation-id': { DataType: 'String', StringValue: correlationId },
      },
    }),
  );
});
