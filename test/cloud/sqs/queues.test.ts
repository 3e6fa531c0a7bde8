// The actions on queues as a whole: DeleteQueue, GetQueueUrl, ListQueues, ListDeadLetterSourceQueues, PurgeQueue and tags.

import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  paginateListDeadLetterSourceQueues,
  paginateListQueues,
  PurgeQueueCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { account, testEndpoint, textOf } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { invalid, legacyError, missing, noSuchQueue, refusalOf, takesWrongKinds } from './refusals.ts';

async function withQueues(...names: readonly string[]): Promise<TestEndpoint> {
  const endpoint = await testEndpoint();
  for (const QueueName of names) await endpoint.json('CreateQueue', { QueueName });
  return endpoint;
}

const url = (endpoint: TestEndpoint, name: string): string => `${endpoint.url}/${account}/${name}`;

describe('DeleteQueue', () => {
  it('removes the queue with what it holds; one of the same name begins anew', async () => {
    await using endpoint = await withQueues('q');
    const sqs = endpoint.client();
    const QueueUrl = url(endpoint, 'q');
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm' });
    const { body } = await endpoint.json('ReceiveMessage', { QueueUrl, VisibilityTimeout: 0 });
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    expect(await refusalOf(endpoint, 'GetQueueAttributes', { QueueUrl })).toEqual(noSuchQueue);
    expect(await endpoint.store.readQueues()).toEqual([]);
    await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    expect((await endpoint.json('ReceiveMessage', { QueueUrl })).body).toEqual({});
    const { ReceiptHandle } = body.Messages[0];
    expect(await refusalOf(endpoint, 'DeleteMessage', { QueueUrl, ReceiptHandle })).toMatchObject({
      code: 'ReceiptHandleIsInvalid',
    });
  });

  it('is refused for a queue that is not there', async () => {
    await using endpoint = await withQueues();
    expect(await refusalOf(endpoint, 'DeleteQueue', { QueueUrl: url(endpoint, 'q') })).toEqual(noSuchQueue);
    expect(await refusalOf(endpoint, 'DeleteQueue', {})).toEqual(noSuchQueue);
  });

  it('is done by a GET at the URL of the queue', async () => {
    await using endpoint = await withQueues('q');
    const answer = await fetch(`${url(endpoint, 'q')}?Action=DeleteQueue`);
    expect(await answer.text()).toContain('<DeleteQueueResponse ');
    expect([...endpoint.broker.queues()]).toEqual([]);
  });
});

describe('GetQueueUrl', () => {
  const unspecified = invalid('Value for parameter QueueName is invalid. Reason: Must specify a queue name.');

  it.each([
    ['no name', {}, unspecified],
    ['an empty name', { QueueName: '' }, unspecified],
    ['a queue that is not there', { QueueName: 'nope' }, noSuchQueue],
    ['a queue that another account has not', { QueueName: 'q', QueueOwnerAWSAccountId: '123456789012' }, noSuchQueue],
  ])('is refused for %s', async (_what, input, refusal) => {
    await using endpoint = await withQueues('q');
    expect(await refusalOf(endpoint, 'GetQueueUrl', input)).toEqual(refusal);
  });

  it('gives a URL that begins as the caller reached the endpoint', async () => {
    await using endpoint = await withQueues('q');
    const named = endpoint.client({ endpoint: `http://localhost:${endpoint.port}` });
    const { QueueUrl } = await named.send(new GetQueueUrlCommand({ QueueName: 'q' }));
    expect(QueueUrl).toBe(`http://localhost:${endpoint.port}/${account}/q`);
    const form = { Action: 'GetQueueUrl', QueueName: 'q', QueueOwnerAWSAccountId: account };
    expect(textOf((await endpoint.query(form)).text, 'QueueUrl')).toBe(url(endpoint, 'q'));
  });

  it('finds a queue of another account', async () => {
    await using endpoint = await withQueues();
    const other = endpoint.client({ credentials: { accessKeyId: '123456789012', secretAccessKey: 'x' } });
    const { QueueUrl } = await other.send(new CreateQueueCommand({ QueueName: 'q' }));
    const input = { QueueName: 'q', QueueOwnerAWSAccountId: '123456789012' };
    expect((await endpoint.client().send(new GetQueueUrlCommand(input))).QueueUrl).toBe(QueueUrl);
  });
});

describe('ListQueues', () => {
  it('refuses members of the wrong kind, and pages that are none', async () => {
    await using endpoint = await withQueues();
    const members = { QueueNamePrefix: 'String', NextToken: 'String', MaxResults: 'Integer' } as const;
    expect(await takesWrongKinds(endpoint, 'ListQueues', members)).toEqual([]);
    const max = invalid(
      'Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.',
    );
    for (const MaxResults of [0, -1, 1001]) {
      expect(await refusalOf(endpoint, 'ListQueues', { MaxResults })).toEqual(max);
    }
    const token = invalid('Invalid or expired next token.');
    for (const NextToken of ['', '!', 'a']) {
      expect(await refusalOf(endpoint, 'ListQueues', { NextToken })).toEqual(token);
    }
  });

  it('gives the queues of an account and region with the prefix, by name', async () => {
    await using endpoint = await withQueues('b-2', 'a', 'b-1', 'b');
    await endpoint.json(
      'CreateQueue',
      { QueueName: 'b-3' },
      { authorization: 'Credential=x/20260101/eu-west-1/sqs/aws4_request' },
    );
    const { body } = await endpoint.json('ListQueues', { QueueNamePrefix: 'b-' });
    expect(body).toEqual({ QueueUrls: [url(endpoint, 'b-1'), url(endpoint, 'b-2')] });
    expect((await endpoint.json('ListQueues', { QueueNamePrefix: 'c' })).body).toEqual({});
  });

  it('gives them in pages', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `q-${String(index).padStart(2, '0')}`);
    await using endpoint = await withQueues(...names);
    const pages: number[] = [];
    const found: string[] = [];
    for await (const { QueueUrls = [] } of paginateListQueues({ client: endpoint.client(), pageSize: 10 }, {})) {
      pages.push(QueueUrls.length);
      found.push(...QueueUrls);
    }
    expect(pages).toEqual([10, 10, 5]);
    expect(found).toEqual(names.map((name) => url(endpoint, name)));
  });

  it('gives a page to those who do not page, without saying that there is more', async () => {
    await using endpoint = await withQueues('a', 'b');
    expect((await endpoint.json('ListQueues', {})).body.NextToken).toBeUndefined();
    expect((await endpoint.json('ListQueues', { MaxResults: 2 })).body.NextToken).toBeUndefined();
    expect((await endpoint.json('ListQueues', { MaxResults: 1 })).body.NextToken).toBeDefined();
  });

  it('gives them as elements', async () => {
    await using endpoint = await withQueues('a', 'b');
    const { text } = await endpoint.query({ Action: 'ListQueues' });
    expect(text).toContain(
      `<ListQueuesResult><QueueUrl>${url(endpoint, 'a')}</QueueUrl><QueueUrl>${url(endpoint, 'b')}</QueueUrl></ListQueuesResult>`,
    );
  });
});

describe('ListDeadLetterSourceQueues', () => {
  it('gives the queues whose redrive policy names the queue, in pages', async () => {
    await using endpoint = await withQueues('dlq', 'other');
    const QueueUrl = url(endpoint, 'dlq');
    expect((await endpoint.json('ListDeadLetterSourceQueues', { QueueUrl })).body).toEqual({});
    const deadLetterTargetArn = `arn:aws:sqs:us-east-1:${account}:dlq`;
    const Attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }) };
    for (const QueueName of ['c', 'a', 'b']) await endpoint.json('CreateQueue', { QueueName, Attributes });
    const found: string[] = [];
    const paging = { client: endpoint.client(), pageSize: 2 };
    for await (const { queueUrls = [] } of paginateListDeadLetterSourceQueues(paging, { QueueUrl })) {
      found.push(...queueUrls);
    }
    expect(found).toEqual(['a', 'b', 'c'].map((name) => url(endpoint, name)));
    const { text } = await endpoint.query({ Action: 'ListDeadLetterSourceQueues', QueueUrl });
    expect(text).toContain(`<ListDeadLetterSourceQueuesResult><QueueUrl>${found[0]}</QueueUrl>`);
  });

  it('is refused for a queue that is not there', async () => {
    await using endpoint = await withQueues();
    const input = { QueueUrl: url(endpoint, 'q') };
    expect(await refusalOf(endpoint, 'ListDeadLetterSourceQueues', input)).toEqual(noSuchQueue);
  });
});

describe('PurgeQueue', () => {
  it('removes what waits, what is in flight, and what is delayed', async () => {
    await using endpoint = await withQueues('q');
    const QueueUrl = url(endpoint, 'q');
    for (const DelaySeconds of [0, 0, 900]) {
      await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'm', DelaySeconds });
    }
    const { body } = await endpoint.json('ReceiveMessage', { QueueUrl });
    await endpoint.client().send(new PurgeQueueCommand({ QueueUrl }));
    const { Attributes } = (await endpoint.json('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).body;
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
    });
    const { ReceiptHandle } = body.Messages[0];
    expect((await endpoint.json('DeleteMessage', { QueueUrl, ReceiptHandle })).status).toBe(200);
    await endpoint.json('SendMessage', { QueueUrl, MessageBody: 'later' });
    expect((await endpoint.json('ReceiveMessage', { QueueUrl })).body.Messages).toHaveLength(1);
  });

  it('is refused for a queue that is not there', async () => {
    await using endpoint = await withQueues();
    expect(await refusalOf(endpoint, 'PurgeQueue', { QueueUrl: url(endpoint, 'q') })).toEqual(noSuchQueue);
  });
});

describe('tags', () => {
  it('are added, replaced, listed and removed', async () => {
    await using endpoint = await withQueues('q');
    const sqs = endpoint.client();
    const QueueUrl = url(endpoint, 'q');
    const tags = async () => (await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags;
    expect(await tags()).toBeUndefined();
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { env: 'test', team: 'a' } }));
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'b', empty: '' } }));
    expect(await tags()).toEqual({ env: 'test', team: 'b', empty: '' });
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['env', 'empty', 'nope'] }));
    expect(await tags()).toEqual({ team: 'b' });
    const [stored] = await endpoint.store.readQueues();
    expect(stored?.attributes).toMatchObject({ tags: { team: 'b' } });
  });

  it('are added, listed and removed on the Query wire', async () => {
    await using endpoint = await withQueues('q');
    const at = (form: Record<string, string>) => endpoint.query(form, `/${account}/q`);
    await at({ Action: 'TagQueue', 'Tag.1.Key': 'a', 'Tag.1.Value': '1', 'Tag.2.Key': 'b', 'Tag.2.Value': '2' });
    await at({ Action: 'UntagQueue', 'TagKey.1': 'b' });
    const { text } = await at({ Action: 'ListQueueTags' });
    expect(text).toContain('<ListQueueTagsResult><Tag><Key>a</Key><Value>1</Value></Tag></ListQueueTagsResult>');
  });

  it('are refused where they are missing, of the wrong kind, or too many', async () => {
    await using endpoint = await withQueues('q');
    const QueueUrl = url(endpoint, 'q');
    expect(await refusalOf(endpoint, 'TagQueue', { QueueUrl })).toEqual(missing('Tags'));
    expect(await refusalOf(endpoint, 'UntagQueue', { QueueUrl })).toEqual(missing('TagKeys'));
    expect(await refusalOf(endpoint, 'ListQueueTags', {})).toEqual(noSuchQueue);
    expect(await takesWrongKinds(endpoint, 'TagQueue', { QueueUrl: 'String', Tags: 'Map' })).toEqual([]);
    expect(await takesWrongKinds(endpoint, 'UntagQueue', { TagKeys: 'List', 'TagKeys.0': 'String' })).toEqual([]);
    const Tags = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v']));
    expect(await refusalOf(endpoint, 'TagQueue', { QueueUrl, Tags })).toEqual(
      invalid('Too many tags added for queue q.'),
    );
  });
});

describe('the minute after', () => {
  it('a purge allows no other, where states take their time', async () => {
    const clock = new ManualClock();
    await using endpoint = await testEndpoint({ clock, sqs: { stateDelayMs: 1 } });
    await endpoint.json('CreateQueue', { QueueName: 'q' });
    const QueueUrl = url(endpoint, 'q');
    expect((await endpoint.json('PurgeQueue', { QueueUrl })).status).toBe(200);
    clock.turn(59_999);
    expect(await refusalOf(endpoint, 'PurgeQueue', { QueueUrl })).toEqual({
      ...legacyError('PurgeQueueInProgress', 'Only one PurgeQueue operation on q is allowed every 60 seconds.'),
      status: 403,
    });
    clock.turn(1);
    expect((await endpoint.json('PurgeQueue', { QueueUrl })).status).toBe(200);
  });

  it('a deletion allows no queue of the name, where states take their time', async () => {
    const clock = new ManualClock();
    await using endpoint = await testEndpoint({ clock, sqs: { stateDelayMs: 1 } });
    await endpoint.json('CreateQueue', { QueueName: 'q' });
    await endpoint.json('DeleteQueue', { QueueUrl: url(endpoint, 'q') });
    clock.turn(59_999);
    expect(await refusalOf(endpoint, 'CreateQueue', { QueueName: 'q' })).toEqual(
      legacyError(
        'QueueDeletedRecently',
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
      ),
    );
    expect((await endpoint.json('CreateQueue', { QueueName: 'other' })).status).toBe(200);
    clock.turn(1);
    expect((await endpoint.json('CreateQueue', { QueueName: 'q' })).status).toBe(200);
  });

  it('either is like any other, where they do not', async () => {
    await using endpoint = await withQueues('q');
    const QueueUrl = url(endpoint, 'q');
    for (const action of ['PurgeQueue', 'PurgeQueue', 'DeleteQueue']) {
      expect((await endpoint.json(action, { QueueUrl })).status).toBe(200);
    }
    expect((await endpoint.json('CreateQueue', { QueueName: 'q' })).status).toBe(200);
  });
});

it('refuses tags that are no tags', async () => {
  await using endpoint = await withQueues('q');
  const QueueUrl = url(endpoint, 'q');
  const key = invalid('Tag keys must be between 1 and 128 characters in length.');
  expect(await refusalOf(endpoint, 'TagQueue', { QueueUrl, Tags: {} })).toEqual(missing('Tags'));
  expect(await refusalOf(endpoint, 'TagQueue', { QueueUrl, Tags: { ['k'.repeat(129)]: 'v' } })).toEqual(key);
  expect(await refusalOf(endpoint, 'TagQueue', { QueueUrl, Tags: { k: 'v'.repeat(257) } })).toEqual(
    invalid('Tag values must be between 0 and 256 characters in length.'),
  );
  expect(await refusalOf(endpoint, 'UntagQueue', { QueueUrl, TagKeys: [] })).toEqual(key);
});
