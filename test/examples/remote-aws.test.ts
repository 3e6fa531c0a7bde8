// examples/remote-aws.yml, with a second engine as AWS.

import { fileURLToPath } from 'node:url';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';

const config = fileURLToPath(new URL('../../examples/remote-aws.yml', import.meta.url));

it('examples/remote-aws.yml carries messages to another engine and back', async () => {
  await using farData = await temporaryDirectory();
  await using nearData = await temporaryDirectory();
  await using farEngine = new EngineProcess({ dataDirectory: farData.path });
  const endpoint = `http://127.0.0.1:${(await farEngine.seen('ready')).listeners['cloud']!.port}`;
  const settings = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const [sqs, sns, kinesis] = [new SQSClient(settings), new SNSClient(settings), new KinesisClient(settings)];
  for (const QueueName of ['invoices', 'done', 'archive']) await sqs.send(new CreateQueueCommand({ QueueName }));
  await sqs.send(new CreateQueueCommand({ QueueName: 'orders.fifo', Attributes: { FifoQueue: 'true' } }));
  await kinesis.send(new CreateStreamCommand({ StreamName: 'telemetry', ShardCount: 2 }));
  await sns.send(new CreateTopicCommand({ Name: 'news' }));
  const url = (name: string): string => `${endpoint}/000000000000/${name}`;

  await using near = new EngineProcess({
    dataDirectory: nearData.path,
    config,
    set: [`remotes.aws.endpoint=${endpoint}`],
  });
  const { consoleUrl } = await near.seen('ready');
  const { origin, searchParams } = new URL(consoleUrl);
  const call = async (method: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${searchParams.get('token')}`, 'content-type': 'application/json' };
    const answer = await fetch(`${origin}/api/${method}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await answer.json()) as Record<string, unknown>;
  };
  const send = (destination: string, body: string) =>
    call('send', { destination, body, encoding: 'text', properties: {} });
  const held = async (destination: string): Promise<string[]> => {
    const { messages = [] } = (await call('peek', { destination })) as { messages?: { bodyBase64: string }[] };
    return messages.map(({ bodyBase64 }) => Buffer.from(bodyBase64, 'base64').toString());
  };
  const states = async (): Promise<string[]> => {
    const { routes } = (await call('listRoutes', {})) as { routes: { state: string }[] };
    return routes.map(({ state }) => state);
  };
  await expect.poll(states).toEqual(Array.from({ length: 7 }, () => 'running'));

  await send('queue://orders', '{"customer":"c-1"}');
  const received = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url('orders.fifo'),
      WaitTimeSeconds: 10,
      MessageSystemAttributeNames: ['MessageGroupId'],
    }),
  );
  expect(received.Messages).toMatchObject([{ Body: '{"customer":"c-1"}', Attributes: { MessageGroupId: 'c-1' } }]);

  await sqs.send(new SendMessageCommand({ QueueUrl: url('invoices'), MessageBody: 'invoice' }));
  await expect.poll(() => held('mq:invoices')).toEqual(['invoice']);

  await send('topic://telemetry.press-7.heat', '21.5');
  await expect.poll(() => held('mq:telemetry.replayed')).toEqual(['21.5']);

  const transferred = async (name: string): Promise<unknown> => {
    const { routes } = (await call('listRoutes', {})) as { routes: { name: string; transferred: number }[] };
    return routes.find((route) => route.name === name)?.transferred;
  };
  await send('queue://to-publish', 'read all about it');
  await expect.poll(() => transferred('news')).toBe(1);

  await sqs.send(new SendMessageCommand({ QueueUrl: url('done'), MessageBody: 'kept' }));
  const archived = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url('archive'), WaitTimeSeconds: 10 }));
  expect(archived.Messages).toMatchObject([{ Body: 'kept' }]);
  for (const client of [sqs, sns, kinesis]) client.destroy();
}, 60_000);
