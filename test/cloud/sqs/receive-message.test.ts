import { ReceiveMessageCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitUntil } from '../../support/wait.ts';
import { account, testEndpoint, textOf } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { message } from '../../support/messages.ts';
import { jsonRequest, open } from '../raw-http.ts';
import { invalid, noSuchQueue, refusalOf, sqsError, takesWrongKinds } from './refusals.ts';
import type { Refusal } from './refusals.ts';

const QueueUrl = `http://queue.test/${account}/q`;

async function withQueue(attributes: Record<string, string> = {}): Promise<TestEndpoint> {
  const endpoint = await testEndpoint();
  await endpoint.json('CreateQueue', { QueueName: 'q', Attributes: attributes });
  return endpoint;
}

function coreQueue(endpoint: TestEndpoint) {
  const queue = endpoint.queues.find({ account, region: 'us-east-1' }, 'q');
  if (queue === undefined) throw new Error('there is no queue');
  return queue.core;
}

describe('serialisation', () => {
  it('refuses members of the wrong kind', async () => {
    await using endpoint = await withQueue();
    const members = {
      QueueUrl: 'String',
      AttributeNames: 'List',
      'AttributeNames.0': 'String',
      MessageSystemAttributeNames: 'List',
      MessageAttributeNames: 'List',
      'MessageAttributeNames.0': 'String',
      MaxNumberOfMessages: 'Integer',
      VisibilityTimeout: 'Integer',
      WaitTimeSeconds: 'Integer',
      ReceiveRequestAttemptId: 'String',
    } as const;
    expect(await takesWrongKinds(endpoint, 'ReceiveMessage', members)).toEqual([]);
  });

  it('takes names of attributes from a form, and gives attributes as elements', async () => {
    await using endpoint = await withQueue();
    const MessageAttributes = { n: { DataType: 'Number', StringValue: '1' } };
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm', MessageAttributes });
    const { text } = await endpoint.query({
      Action: 'ReceiveMessage',
      QueueUrl,
      'AttributeName.1': 'SenderId',
      'MessageSystemAttributeName.1': 'ApproximateReceiveCount',
      'MessageAttributeName.1': 'n',
    });
    expect(text).toContain(
      `<Attribute><Name>SenderId</Name><Value>${account}</Value></Attribute>` +
        '<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>',
    );
    expect(text).toContain(
      '<MessageAttribute><Name>n</Name><Value><StringValue>1</StringValue><DataType>Number</DataType></Value></MessageAttribute>',
    );
  });

  it('gives a body that XML has to escape as it was sent', async () => {
    await using endpoint = await withQueue();
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: '<a b="c">&amp;</a>\r\n]]>' });
    const { text } = await endpoint.query({ Action: 'ReceiveMessage', QueueUrl });
    expect(textOf(text, 'Body')).toBe('&lt;a b=&quot;c&quot;&gt;&amp;amp;&lt;/a&gt;&#xD;\n]]&gt;');
  });
});

describe('validation', () => {
  const outOfRange = (name: string, value: number, reason: string) =>
    [
      `${name} ${value}`,
      { QueueUrl, [name]: value },
      invalid(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}, if provided.`),
    ] as const;

  it.each<readonly [string, object, Refusal]>([
    ['a queue that is not there', { QueueUrl: `${QueueUrl}x` }, noSuchQueue],
    ...[0, 11, -1].map((value) => outOfRange('MaxNumberOfMessages', value, 'Must be between 1 and 10')),
    ...[-1, 21].map((value) => outOfRange('WaitTimeSeconds', value, 'Must be >= 0 and <= 20')),
    ...[-1, 43_201].map((value) => outOfRange('VisibilityTimeout', value, 'Must be >= 0 and <= 43200')),
    [
      'an unknown attribute',
      { QueueUrl, AttributeNames: ['Foo'] },
      sqsError('InvalidAttributeName', 'Unknown Attribute Foo.'),
    ],
  ])('refuses %s', async (_what, input, refusal) => {
    await using endpoint = await withQueue();
    expect(await refusalOf(endpoint, 'ReceiveMessage', input)).toEqual(refusal);
  });

  it('refuses while 120,000 messages are in flight', async () => {
    await using endpoint = await withQueue();
    vi.spyOn(coreQueue(endpoint), 'inFlightCount', 'get').mockReturnValue(120_000);
    expect(await refusalOf(endpoint, 'ReceiveMessage', { QueueUrl })).toMatchObject({ status: 403, code: 'OverLimit' });
  });

  it('who waits while 120,000 messages are in flight gets nothing, or what there is by then', async () => {
    const clock = new ManualClock();
    await using endpoint = await testEndpoint({ clock });
    await endpoint.json('CreateQueue', { QueueName: 'q' });
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    const inFlight = vi.spyOn(coreQueue(endpoint), 'inFlightCount', 'get').mockReturnValue(120_000);
    /** Asks, turns the clock until it is answered, and says how long that took. */
    const receive = async (meanwhile: () => void): Promise<readonly unknown[]> => {
      const began = clock.now();
      let answer: unknown;
      endpoint.json('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 5 }).then(
        ({ body }) => (answer = body),
        (error: unknown) => (answer = error),
      );
      await expect.poll(() => inFlight.mock.calls.length).toBeGreaterThan(0);
      meanwhile();
      await expect.poll(() => (clock.turn(500), answer), { interval: 20 }).toBeDefined();
      return [answer, clock.now() - began >= 5000];
    };
    expect(await receive(() => undefined)).toEqual([{}, true]);
    inFlight.mockClear();
    const [answer] = await receive(() => inFlight.mockReturnValue(0));
    expect(answer).toMatchObject({ Messages: [{ Body: 'm' }] });
  });
});

describe('function', () => {
  it('gives up to ten messages, in order, and no more than are wanted', async () => {
    await using endpoint = await withQueue();
    const sqs = endpoint.client();
    for (const decade of [0, 1]) {
      const Entries = Array.from({ length: 10 }, (_, unit) => ({ Id: `${unit}`, MessageBody: `${decade}${unit}` }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    }
    const one = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(one.Messages?.map(({ Body }) => Body)).toEqual(['00']);
    const ten = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(ten.Messages?.map(({ Body }) => Body)).toEqual(['01', '02', '03', '04', '05', '06', '07', '08', '09', '10']);
    const rest = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(rest.Messages).toHaveLength(9);
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toBeUndefined();
  });

  it('gives the system attributes that are asked for, by either name', async () => {
    await using endpoint = await withQueue({ VisibilityTimeout: '0' });
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm', MessageGroupId: 'g' });
    const attributes = async (members: object): Promise<Record<string, string> | undefined> =>
      (await endpoint.json('ReceiveMessage', { QueueUrl, ...members })).body.Messages[0].Attributes;
    expect(await attributes({})).toBeUndefined();
    expect(await attributes({ AttributeNames: ['ApproximateReceiveCount'] })).toEqual({ ApproximateReceiveCount: '2' });
    expect(await attributes({ MessageSystemAttributeNames: ['SenderId', 'SequenceNumber'] })).toEqual({
      SenderId: account,
    });
    expect(await attributes({ AttributeNames: ['VisibilityTimeout'] })).toBeUndefined();
    expect(await attributes({ MessageSystemAttributeNames: ['All'], AttributeNames: ['SenderId'] })).toEqual({
      SenderId: account,
      SentTimestamp: expect.stringMatching(/^\d{13}$/),
      ApproximateReceiveCount: '5',
      ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      MessageGroupId: 'g',
    });
  });

  it.each([
    [[], undefined],
    [['All'], ['General', 'Hello', 'Help.Me']],
    [['*'], ['General', 'Hello', 'Help.Me']],
    [['.*'], ['General', 'Hello', 'Help.Me']],
    [['Foo', 'Help'], undefined],
    [['Foo', 'Hello'], ['Hello']],
    [['Hel.*'], ['Hello', 'Help.Me']],
    [
      ['Help.*', 'General'],
      ['General', 'Help.Me'],
    ],
    [['AWS.'], undefined],
  ])('gives the message attributes named %j', async (MessageAttributeNames, names) => {
    await using endpoint = await withQueue();
    const text = (StringValue: string): object => ({ DataType: 'String', StringValue });
    const MessageAttributes = { 'Help.Me': text('Me'), Hello: text('There'), General: text('Kenobi') };
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'msg', MessageAttributes });
    const { Messages: [received] = [] } = await endpoint
      .client()
      .send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames }));
    const given = received?.MessageAttributes;
    expect(given === undefined ? undefined : Object.keys(given).toSorted()).toEqual(names);
    expect(received?.MD5OfMessageAttributes === undefined).toBe(names === undefined);
  });

  it('wakes on the first message', async () => {
    await using endpoint = await withQueue();
    const waiting = endpoint.json('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    await waitUntil(() => coreQueue(endpoint).consumerCount === 1);
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    expect((await waiting).body.Messages).toHaveLength(1);
  });

  it('waits as long as the queue says, if the request does not', async () => {
    await using endpoint = await withQueue({ ReceiveMessageWaitTimeSeconds: '20' });
    const waiting = endpoint.json('ReceiveMessage', { QueueUrl });
    await waitUntil(() => coreQueue(endpoint).consumerCount === 1);
    expect((await endpoint.json('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 0 })).body).toEqual({});
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    expect((await waiting).body.Messages).toHaveLength(1);
  });

  it('gives each message to one of many that wait', async () => {
    await using endpoint = await withQueue();
    const waiting = Array.from({ length: 5 }, () => endpoint.json('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }));
    await waitUntil(() => coreQueue(endpoint).consumerCount === 5);
    for (const MessageBody of ['0', '1', '2', '3', '4']) await endpoint.json('SendMessage', { QueueUrl, MessageBody });
    const bodies: string[] = (await Promise.all(waiting)).map(({ body }) => body.Messages[0].Body);
    expect(new Set(bodies)).toEqual(new Set(['0', '1', '2', '3', '4']));
  });

  it('ends when the client goes away, and takes nothing for it', async () => {
    await using endpoint = await withQueue();
    const socket = await open(endpoint.port);
    socket.write(jsonRequest('ReceiveMessage', JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 })));
    await waitUntil(() => coreQueue(endpoint).consumerCount === 1);
    socket.destroy();
    await waitUntil(() => coreQueue(endpoint).consumerCount === 0);
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    expect((await endpoint.json('ReceiveMessage', { QueueUrl })).body.Messages).toHaveLength(1);
  });

  it('tells a waiting receive when its queue is deleted', async () => {
    await using endpoint = await withQueue();
    const waiting = refusalOf(endpoint, 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    await waitUntil(() => coreQueue(endpoint).consumerCount === 1);
    await endpoint.json('DeleteQueue', { QueueUrl });
    expect(await waiting).toEqual(noSuchQueue);
  });
});

describe('a message that another world wrote', () => {
  async function receive(fields: Parameters<typeof message>[0]) {
    await using endpoint = await withQueue();
    const transaction = endpoint.broker.transaction();
    transaction.put([coreQueue(endpoint)], message(fields));
    await transaction.commit();
    const { Messages: [received] = [] } = await endpoint
      .client()
      .send(
        new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
      );
    return received;
  }

  it('is shown with its text', async () => {
    expect(await receive({ text: 'é' })).toMatchObject({ Body: 'é' });
  });

  it('is shown as text if its bytes are text', async () => {
    expect(await receive({ bodyType: 'bytes', body: Buffer.from('{"a":1}') })).toMatchObject({ Body: '{"a":1}' });
  });

  it('is shown in base64 if its bytes are no text that SQS could carry', async () => {
    expect(await receive({ bodyType: 'bytes', body: Buffer.of(0xff, 0xfe) })).toMatchObject({ Body: '//4=' });
    expect(await receive({ bodyType: 'bytes', body: Buffer.of(0) })).toMatchObject({ Body: 'AA==' });
  });

  it('is shown with its properties as the nearest of the three types', async () => {
    const received = await receive({
      properties: [
        { name: 'string', type: 'string', value: 's' },
        { name: 'boolean', type: 'boolean', value: true },
        { name: 'int', type: 'int', value: 5 },
        { name: 'long', type: 'long', value: 2n ** 60n },
        { name: 'double', type: 'double', value: 0.5 },
        { name: 'decimal', type: 'decimal', value: '1.50', label: 'price' },
        { name: 'binary', type: 'binary', value: Buffer.of(1) },
        { name: 'null', type: 'null', value: null },
        { name: 'string', type: 'string', value: 'second of the name' },
      ],
    });
    expect(received?.MessageAttributes).toEqual({
      string: { DataType: 'String', StringValue: 's' },
      boolean: { DataType: 'String', StringValue: 'true' },
      int: { DataType: 'Number', StringValue: '5' },
      long: { DataType: 'Number', StringValue: '1152921504606846976' },
      double: { DataType: 'Number', StringValue: '0.5' },
      decimal: { DataType: 'Number.price', StringValue: '1.50' },
      binary: { DataType: 'Binary', BinaryValue: new Uint8Array([1]) },
    });
  });

  it('keeps the id and the time that it came with', async () => {
    const received = await receive({ id: 'ID:host-1:2:3', timestamp: Date.now() - 5000 });
    expect(received?.MessageId).toBe('ID:host-1:2:3');
    const { SentTimestamp, ApproximateFirstReceiveTimestamp } = received?.Attributes ?? {};
    expect(Number(ApproximateFirstReceiveTimestamp) - Number(SentTimestamp)).toBeGreaterThanOrEqual(5000);
  });
});
