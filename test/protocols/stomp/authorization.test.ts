// Who may do what: each SEND and SUBSCRIBE is asked for, and what is refused is answered with ERROR and a close.

import { expect, it } from 'vitest';
import { openAccess } from '../../../broker/core/access.ts';
import type { Access, Operation } from '../../../broker/core/access.ts';
import { formatAddress } from '../../../broker/core/address.ts';
import { BrokerError } from '../../../broker/core/errors.ts';
import { mq, temporary } from '../../../broker/core/namespaces.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

/** Everyone may do what is listed; what was asked is kept. */
function only(allowed: readonly string[], asked: string[] = []): Access {
  const authorize = (operation: Operation, destination: Parameters<typeof formatAddress>[0]): void => {
    const what = `${operation} ${formatAddress(destination)}`;
    asked.push(what);
    if (!allowed.includes(what)) throw new BrokerError('unauthorized', `ann may not ${what}`);
  };
  return { ...openAccess, authenticate: async () => ({ user: 'ann', authorize }) };
}

it.each([
  ['SEND\ndestination:/queue/a\n', [], 'ann may not write queue://a'],
  ['SEND\ndestination:/queue/a\n', ['write queue://a'], 'ann may not create queue://a'],
  ['SEND\ndestination:/topic/a\n', [], 'ann may not write topic://a'],
  ['SEND\ndestination:/topic/a,/queue/b\n', ['write topic://a'], 'ann may not write queue://b'],
  ['SEND\ndestination:/topic/a\nreply-to:/temp-queue/r\n', ['write topic://a'], 'ann may not create temp-queue://ID:'],
  ['SUBSCRIBE\nid:1\ndestination:/queue/a\n', [], 'ann may not read queue://a'],
  ['SUBSCRIBE\nid:1\ndestination:/queue/a\n', ['read queue://a'], 'ann may not create queue://a'],
  ['SUBSCRIBE\nid:1\ndestination:/queue/a.>\n', [], 'ann may not read queue://a.>'],
  ['SUBSCRIBE\nid:1\ndestination:/queue/a\nbrowser:true\n', [], 'ann may not read queue://a'],
  ['SUBSCRIBE\nid:1\ndestination:/topic/a\nactivemq.subscriptionName:s\n', [], 'ann may not read topic://a'],
])('refuses %j of one who may only %j, and closes', async (head, allowed, text) => {
  await using server = await stompServer({ access: only(allowed) });
  await using client = await RawClient.connected(server.port, '1.2', 'client-id:c\n');
  client.send(`${head}receipt:r\n\n\0`);
  const { command, headers } = await client.frame();
  expect([command, headers.get('receipt-id')]).toEqual(['ERROR', 'r']);
  expect(headers.get('message')).toContain(text);
  await client.closed;
  expect(server.broker.received).toBe(0);
  expect([...server.broker.queues(mq)]).toEqual([]);
  expect(server.broker.topics.subscriptionCount).toBe(0);
  expect([...server.broker.queues(temporary)]).toEqual([]);
});

it('asks for each message, and for a new queue once', async () => {
  const asked: string[] = [];
  await using server = await stompServer({ access: only(['write queue://a', 'create queue://a'], asked) });
  await using client = await RawClient.connected(server.port);
  client.send('SEND\ndestination:/queue/a\n\n1\0SEND\ndestination:/queue/a\n\n2\0');
  await client.settled();
  expect(asked).toEqual(['write queue://a', 'create queue://a', 'write queue://a']);
});

it('refuses in a transaction at once, and leaves nothing of it', async () => {
  await using server = await stompServer({ access: only(['write queue://a', 'create queue://a']) });
  await using client = await RawClient.connected(server.port);
  client.send(
    'BEGIN\ntransaction:t\n\n\0SEND\ndestination:/queue/a\ntransaction:t\n\n1\0' +
      'SEND\ndestination:/queue/b\ntransaction:t\n\n2\0',
  );
  expect((await client.frame()).headers.get('message')).toBe('ann may not write queue://b');
  await client.closed;
  expect(server.broker.queue('a').readyCount).toBe(0);
});
