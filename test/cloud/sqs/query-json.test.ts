// The Query wire, answered in JSON for who asks for it.

import { expect, it } from 'vitest';
import { account, testEndpoint } from '../endpoint.ts';
import type { TestEndpoint } from '../endpoint.ts';

async function get(endpoint: TestEndpoint, parameters: Record<string, string>, path = '/') {
  const headers = { accept: 'application/json' };
  const response = await fetch(`${endpoint.url}${path}?${new URLSearchParams(parameters).toString()}`, { headers });
  const body: unknown = await response.json();
  return { status: response.status, type: response.headers.get('content-type'), body };
}

it('answers with every member, the absent ones null, and a map as its pairs', async () => {
  await using endpoint = await testEndpoint();
  await endpoint.json('CreateQueue', { QueueName: 'q' });
  const QueueUrl = `${endpoint.url}/${account}/q`;
  const ResponseMetadata = { RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) };
  expect(await get(endpoint, { Action: 'ListQueues', Version: '2012-11-05' })).toEqual({
    status: 200,
    type: 'application/json',
    body: { ListQueuesResponse: { ListQueuesResult: { queueUrls: [QueueUrl], NextToken: null }, ResponseMetadata } },
  });
  const sent = await get(endpoint, { Action: 'SendMessage', MessageBody: 'a "b"' }, `/${account}/q`);
  expect(sent.body).toMatchObject({
    SendMessageResponse: { SendMessageResult: { MD5OfMessageAttributes: null, SequenceNumber: null } },
  });
  const received = await get(endpoint, { Action: 'ReceiveMessage', QueueUrl, 'AttributeName.1': 'SenderId' });
  const Attributes = [{ Name: 'SenderId', Value: account }];
  expect(received.body).toMatchObject({
    ReceiveMessageResponse: { ReceiveMessageResult: { messages: [{ Body: 'a "b"', Attributes }] } },
  });
  expect((await get(endpoint, { Action: 'PurgeQueue', QueueUrl })).body).toEqual({
    PurgeQueueResponse: { ResponseMetadata },
  });
});

it('refuses in JSON, and in XML what asks for nothing', async () => {
  await using endpoint = await testEndpoint();
  await endpoint.json('CreateQueue', { QueueName: 'q' });
  expect(await get(endpoint, { Action: 'ListQueues' }, `/${account}/q`)).toMatchObject({
    status: 400,
    body: {
      Error: {
        Code: 'InvalidAction',
        Detail: null,
        Message: 'The action ListQueues is not valid for this endpoint.',
        Type: 'Sender',
      },
    },
  });
  const nothing = await fetch(`${endpoint.url}/${account}/q`, { headers: { accept: 'application/json' } });
  expect([nothing.status, await nothing.text()]).toEqual([404, '<UnknownOperationException/>\n']);
});
