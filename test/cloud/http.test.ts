// The endpoint as a server: whom it serves, what it bounds, what it lets go of.

import { once } from 'node:events';
import { connect } from 'node:net';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import type { CloudLimits } from '../../broker/cloud/limits.ts';
import { waitUntil } from '../support/wait.ts';
import { testEndpoint, textOf } from './endpoint.ts';
import { closed, exchange, formRequest, jsonRequest, open } from './raw-http.ts';

/** What a server bounds is said in so few milliseconds that nobody waits for it. */
const short: Partial<CloudLimits> = { headersMs: 100, requestMs: 150, idleMs: 100, stalledMs: 400 };

describe('accounts and regions', () => {
  const signed = (key: string, region: string): Record<string, string> => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261121/${region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
  });

  it('are worlds of their own', async () => {
    await using endpoint = await testEndpoint();
    const places = [
      {},
      signed('AKIDEXAMPLE', 'us-east-1'),
      signed('123456789012', 'us-east-1'),
      signed('x', 'eu-west-3'),
    ];
    const urls = [];
    for (const headers of places) {
      const { body } = await endpoint.json('CreateQueue', { QueueName: 'orders' }, headers);
      urls.push(body.QueueUrl.replace(endpoint.url, ''));
    }
    expect(urls).toEqual([
      '/000000000000/orders',
      '/000000000000/orders',
      '/123456789012/orders',
      '/000000000000/orders',
    ]);
    expect([...endpoint.broker.namespaces()]).toEqual([
      'aws/000000000000/us-east-1',
      'aws/123456789012/us-east-1',
      'aws/000000000000/eu-west-3',
    ]);
  });

  it.each([
    ['no signature', {}],
    ['a signature of another scheme', { authorization: 'Bearer abc' }],
    ['a broken scope', { authorization: 'AWS4-HMAC-SHA256 Credential=bogus' }],
    ['a region that is no name', { authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/../etc/aws4_request' }],
  ])('are the defaults with %s', async (_what, headers) => {
    await using endpoint = await testEndpoint();
    await endpoint.json('CreateQueue', { QueueName: 'orders' }, headers);
    expect([...endpoint.broker.namespaces()]).toEqual(['aws/000000000000/us-east-1']);
  });

  it('stand in a presigned URL too', async () => {
    await using endpoint = await testEndpoint();
    const credential = encodeURIComponent('210987654321/20261121/us-west-2/sqs/aws4_request');
    const url = `${endpoint.url}/?Action=CreateQueue&QueueName=q&X-Amz-Credential=${credential}`;
    const text = await (await fetch(url)).text();
    expect(textOf(text, 'QueueUrl')).toBe(`${endpoint.url}/210987654321/q`);
    expect([...endpoint.broker.namespaces()]).toEqual(['aws/210987654321/us-west-2']);
  });

  it('are refused to everybody where anonymous callers are not let in', async () => {
    await using endpoint = await testEndpoint({ anonymous: false });
    const answer = await endpoint.json('ListQueues', {}, signed('123456789012', 'us-east-1'));
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-amzn-query-error')).toBe('AccessDenied;Sender');
    expect(answer.body.__type).toBe('com.amazon.coral.service#AccessDeniedException');
  });
});

describe('a body', () => {
  it('that is announced as ten gigabytes is refused before it is read', async () => {
    await using endpoint = await testEndpoint();
    const socket = await open(endpoint.port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: 10737418240\r\n\r\n{',
    );
    await closed(socket);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain('<RequestEntityTooLargeException/>');
  });

  it('without an announced length is refused when it gets too long', async () => {
    await using endpoint = await testEndpoint({ limits: { bodyBytes: 1000 } });
    const socket = await open(endpoint.port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write(`400\r\n${'x'.repeat(1024)}\r\n`);
    await closed(socket);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('is refused while too much is held of others, unless it is small, and taken again afterwards', async () => {
    const room = 100_000;
    await using endpoint = await testEndpoint({ limits: { bufferedBytes: room } });
    const holder = await open(endpoint.port);
    holder.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${room}\r\n\r\n${'x'.repeat(room - 1000)}`);
    const list = (length: number): Promise<string> =>
      exchange(endpoint.port, jsonRequest('ListQueues', `{"unknown":"${'x'.repeat(length)}"}`));
    const refused = await waitUntil(async () => {
      const answer = await list(20_000);
      return answer.startsWith('HTTP/1.1 503 ') ? answer : undefined;
    });
    expect(refused).toContain('<ServiceUnavailableException/>');
    expect(await list(2000)).toMatch(/^HTTP\/1\.1 200 /);
    // What small ones have for themselves is bounded too.
    const small = await open(endpoint.port);
    small.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 16000\r\n\r\n${'x'.repeat(13_000)}`);
    await waitUntil(async () => (await list(2000)).startsWith('HTTP/1.1 503 '));
    const gone = Promise.all([closed(holder), closed(small)]);
    holder.destroy();
    small.destroy();
    await gone;
    await waitUntil(async () => (await list(20_000)).startsWith('HTTP/1.1 200 '));
  });

  it('in many pieces is put together', async () => {
    await using endpoint = await testEndpoint();
    await endpoint.json('CreateQueue', { QueueName: 'orders' });
    const request = Buffer.from(
      jsonRequest('SendMessage', '{"QueueUrl":"http://x/000000000000/orders","MessageBody":"h\u00e9llo"}'),
    );
    const socket = await open(endpoint.port);
    socket.setNoDelay(true);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    for (let at = 0; at < request.length; at += 7) {
      socket.write(request.subarray(at, at + 7));
      await new Promise(setImmediate);
    }
    await waitUntil(() => text.includes('MessageId'));
    expect(text).toContain('be50e8478cf24ff3595bc7307fb91b50');
    socket.destroy();
  });

  it('of a maximal message in the longest encoding is taken', async () => {
    await using endpoint = await testEndpoint();
    await endpoint.json('CreateQueue', { QueueName: 'orders' });
    const answer = await endpoint.query(
      { Action: 'SendMessage', MessageBody: '/'.repeat(1_048_576) },
      '/000000000000/orders',
    );
    expect(answer.status).toBe(200);
  });
});

describe('a connection', () => {
  it('whose headers do not end is closed', async () => {
    await using endpoint = await testEndpoint({ limits: short });
    const socket = await open(endpoint.port);
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    await expect(closed(socket)).resolves.toBeUndefined();
  });

  it('whose body does not come is closed', async () => {
    await using endpoint = await testEndpoint({ limits: short });
    const socket = await open(endpoint.port);
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc');
    await expect(closed(socket)).resolves.toBeUndefined();
  });

  it('that asks nothing is closed', async () => {
    await using endpoint = await testEndpoint({ limits: short });
    const socket = await open(endpoint.port);
    await expect(closed(socket)).resolves.toBeUndefined();
  });

  it('with headers beyond the bound is refused', async () => {
    await using endpoint = await testEndpoint();
    const answer = await exchange(endpoint.port, `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it.each(['GARBAGE\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\0\0\0\0', 'PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n'])(
    'that speaks neither version of HTTP is refused: %j',
    async (bytes) => {
      await using endpoint = await testEndpoint();
      expect(await exchange(endpoint.port, bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
    },
  );

  it('serves requests one after the other, and as they are piled up', async () => {
    await using endpoint = await testEndpoint();
    const socket = await open(endpoint.port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(jsonRequest('CreateQueue', '{"QueueName":"a"}') + jsonRequest('CreateQueue', '{"QueueName":"b"}'));
    await waitUntil(() => text.split('HTTP/1.1 200').length === 3);
    expect(text.indexOf('/a"')).toBeLessThan(text.indexOf('/b"'));
    socket.destroy();
  });

  it('is known while it lasts, with what went over it', async () => {
    await using endpoint = await testEndpoint();
    const socket = await open(endpoint.port);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const credential = ['Authorization: AWS4-HMAC-SHA256 Credential=AKID/20261121/us-east-1/sqs/aws4_request'];
    socket.write(jsonRequest('CreateQueue', '{"QueueName":"q"}', [...credential, 'User-Agent: some-sdk/1.0']));
    await waitUntil(() => text.includes('QueueUrl'));
    socket.write(jsonRequest('SendMessage', '{"QueueUrl":"http://x/000000000000/q","MessageBody":"m"}', credential));
    await waitUntil(() => text.includes('MessageId'));
    const [client] = endpoint.clients;
    expect(client).toMatchObject({
      protocol: 'aws',
      user: 'AKID',
      clientId: 'some-sdk/1.0',
      messagesIn: 1,
      messagesOut: 0,
    });
    expect(client?.address).toBe(`127.0.0.1:${socket.localPort}`);
    client?.disconnect('by hand');
    await closed(socket);
    await waitUntil(() => endpoint.clients.size === 0);
  });
});

describe('what was asked', () => {
  it('is told after each answer', async () => {
    await using endpoint = await testEndpoint();
    await endpoint.json('CreateQueue', { QueueName: 'q' });
    await endpoint.query({ Action: 'GetQueueUrl', QueueName: 'nope' });
    await waitUntil(() => endpoint.accesses.length === 2);
    expect(endpoint.accesses).toMatchObject([
      {
        method: 'POST',
        status: 200,
        requestBytes: 17,
        outcome: { service: 'sqs', operation: 'CreateQueue', refusal: undefined },
      },
      { status: 400, outcome: { operation: 'GetQueueUrl', refusal: 'AWS.SimpleQueueService.NonExistentQueue' } },
    ]);
  });

  it('and failed inside is answered as an internal failure, without saying how', async () => {
    await using endpoint = await testEndpoint();
    await endpoint.json('CreateQueue', { QueueName: 'q' });
    vi.spyOn(endpoint.broker, 'transaction').mockImplementation(() => {
      throw new TypeError('secret');
    });
    const answer = await endpoint.json('SendMessage', { QueueUrl: 'http://x/000000000000/q', MessageBody: 'm' });
    expect(answer.status).toBe(500);
    expect(answer.headers.get('x-amzn-query-error')).toBe('InternalFailure;Receiver');
    expect(answer.text).not.toContain('secret');
    expect((await endpoint.json('ListQueues', {})).status).toBe(200);
  });
});

describe('closing', () => {
  it('ends waiting receives at once, with nothing', async () => {
    await using endpoint = await testEndpoint();
    const { body } = await endpoint.json('CreateQueue', { QueueName: 'q' });
    const waiting = endpoint.client().send(new ReceiveMessageCommand({ QueueUrl: body.QueueUrl, WaitTimeSeconds: 20 }));
    await waitUntil(
      () => endpoint.queues.find({ account: '000000000000', region: 'us-east-1' }, 'q')?.core.consumerCount === 1,
    );
    await endpoint.server.close();
    expect((await waiting).Messages).toBeUndefined();
  });

  it('cuts off what does not end', async () => {
    await using endpoint = await testEndpoint();
    const socket = await open(endpoint.port);
    socket.write(formRequest('Action=ListQueues').slice(0, -3));
    const gone = closed(socket);
    await endpoint.server.close();
    await expect(gone).resolves.toBeUndefined();
  });

  it('twice is closing once', async () => {
    await using endpoint = await testEndpoint();
    await expect(Promise.all([endpoint.server.close(), endpoint.server.close()])).resolves.toHaveLength(2);
  });
});

it('a port in use is named', async () => {
  await using endpoint = await testEndpoint();
  await expect(testEndpoint({ port: endpoint.port })).rejects.toMatchObject({
    code: 'not-allowed',
    message: `listen on 127.0.0.1:${endpoint.port}`,
  });
});

it('ends its side of an HTTP/2 connection when the client has ended its own', async () => {
  await using endpoint = await testEndpoint();
  const socket = connect({ port: endpoint.port, host: '127.0.0.1', allowHalfOpen: true });
  const ended = once(socket, 'end');
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings]));
  await once(socket, 'data');
  socket.end();
  await ended;
  socket.destroy();
});
