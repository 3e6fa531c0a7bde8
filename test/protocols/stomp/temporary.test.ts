// Temporary destinations as ActiveMQ's STOMP has them: `/temp-queue/NAME` is made by the connection that names it, and is
// `/remote-temp-queue/ID` to everyone else, who answers requests to it.

import { describe, expect, it } from 'vitest';
import { temporary } from '../../../broker/core/namespaces.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

describe.each(['queue', 'topic'])('/temp-%s/', (kind) => {
  it('carries what its own connection sends to it', async () => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    client.send(`SUBSCRIBE\nid:1\ndestination:/temp-${kind}/mine\n\n\0SEND\ndestination:/temp-${kind}/mine\n\nhello\0`);
    const { headers, body } = await client.frame();
    expect(headers.get('destination')).toBe(`/temp-${kind}/mine`);
    expect(body.toString()).toBe('hello');
  });

  it.each(['1.0', '1.1', '1.2'])('brings the answer to a request, in version %s', async (version) => {
    await using server = await stompServer();
    await using requester = await RawClient.connected(server.port, version);
    await using responder = await RawClient.connected(server.port, version);
    responder.send('SUBSCRIBE\nid:1\ndestination:/queue/requests\n\n\0');
    await responder.settled();
    requester.send(`SUBSCRIBE\nid:1\ndestination:/temp-${kind}/a:b\n\n\0`.replace('a:b', 'answers'));
    requester.send(`SEND\ndestination:/queue/requests\nreply-to:/temp-${kind}/answers\ncorrelation-id:7\n\n?\0`);
    const request = await responder.frame();
    const replyTo = request.headers.get('reply-to') ?? '';
    expect(replyTo).toMatch(new RegExp(`^/remote-temp-${kind}/ID:`));
    const written = version === '1.0' ? replyTo : replyTo.replaceAll(':', String.raw`\c`);
    responder.send(`SEND\ndestination:${written}\ncorrelation-id:7\n\n!\0`);
    const answer = await requester.frame();
    expect(answer.headers.get('destination')).toBe(`/temp-${kind}/answers`);
    expect([answer.headers.get('correlation-id'), answer.body.toString()]).toEqual(['7', '!']);
  });

  it('is the same to its connection when that receives its own request', async () => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    client.send(`SUBSCRIBE\nid:1\ndestination:/queue/requests\n\n\0`);
    client.send(`SEND\ndestination:/queue/requests\nreply-to:/temp-${kind}/answers\n\n?\0`);
    const request = await client.frame();
    expect(request.headers.get('reply-to')).toBe(`/temp-${kind}/answers`);
  });

  it('is another one to another connection, and closed to it', async () => {
    await using server = await stompServer();
    await using one = await RawClient.connected(server.port);
    await using two = await RawClient.connected(server.port);
    const subscribe = `SUBSCRIBE\nid:1\ndestination:/temp-${kind}/x\n\n\0`;
    one.send(subscribe);
    two.send(subscribe);
    await Promise.all([one.settled(), two.settled()]);
    one.send(`SEND\ndestination:/temp-${kind}/x\nreply-to:/temp-${kind}/x\n\nhello\0`);
    expect((await one.frame()).body.toString()).toBe('hello');
    expect(await two.settled()).toEqual([]);
    two.send('SUBSCRIBE\nid:2\ndestination:/queue/requests\n\n\0');
    await two.settled();
    one.send(`SEND\ndestination:/queue/requests\nreply-to:/temp-${kind}/x\n\n?\0`);
    const replyTo = (await two.frame()).headers.get('reply-to')?.replaceAll(':', String.raw`\c`);
    two.send(`SUBSCRIBE\nid:3\ndestination:${replyTo}\nreceipt:r\n\n\0`);
    const error = await two.frame();
    expect(error.headers.get('message')).toContain("is another connection's");
    expect(error.headers.get('receipt-id')).toBe('r');
  });

  it('is gone with its connection, and says so to those who send to it', async () => {
    await using server = await stompServer();
    await using one = await RawClient.connected(server.port);
    await using two = await RawClient.connected(server.port);
    two.send('SUBSCRIBE\nid:1\ndestination:/queue/requests\n\n\0');
    one.send(`SEND\ndestination:/queue/requests\nreply-to:/temp-${kind}/x\n\n?\0`);
    const replyTo = (await two.frame()).headers.get('reply-to')?.replaceAll(':', String.raw`\c`);
    one.send('DISCONNECT\nreceipt:bye\n\n\0');
    await one.closed;
    two.send(`SEND\ndestination:${replyTo}\n\n!\0`);
    const error = await two.frame();
    expect(error.command).toBe('ERROR');
    expect(error.headers.get('message')).toMatch(new RegExp(`^temp-${kind}://ID:.* does not exist$`));
    await two.closed;
    expect([...server.broker.queues(temporary)]).toEqual([]);
    expect(server.broker.topics.subscriptionCount).toBe(0);
  });
});

it('keeps what is sent before its connection subscribes', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SEND\ndestination:/temp-queue/x\n\nhello\0SUBSCRIBE\nid:1\ndestination:/temp-queue/x\nack:client\n\n\0');
  const { headers } = await client.frame();
  client.send(`ACK\nid:${headers.get('ack')}\n\n\0`);
  expect(await client.settled()).toEqual([]);
  const [queue] = server.broker.queues(temporary);
  expect(queue?.readyCount).toBe(0);
});

it('is one of a list', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:1\ndestination:/temp-queue/x,/queue/a\n\n\0');
  client.send('SEND\ndestination:/queue/a,/temp-queue/x\n\nhello\0');
  const frames = await client.frames(2);
  const destinations = frames.map(({ headers }) => String(headers.get('destination'))).toSorted();
  expect(destinations).toEqual(['/queue/a', '/temp-queue/x']);
});

it('is bounded in how many a connection makes', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  for (let number = 0; number <= 10_000; number++) {
    client.send(`SEND\ndestination:/topic/nobody\nreply-to:/temp-topic/${number}\n\n\0`);
  }
  expect((await client.frame()).headers.get('message')).toBe('more than 10000 temporary destinations');
});

it('refuses a name that would cost too much to keep', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send(`SEND\ndestination:/topic/nobody\nreply-to:/temp-topic/${'x'.repeat(300)}\n\n\0`);
  expect((await client.frame()).headers.get('message')).toContain('name must not exceed 256 characters');
});

it('leaves a reply-to that is no destination of ours as it is', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:1\ndestination:/queue/a\n\n\0SEND\ndestination:/queue/a\nreply-to:some place\n\n\0');
  expect((await client.frame()).headers.get('reply-to')).toBe('some place');
});
