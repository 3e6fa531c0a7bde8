// What an application finds of ActiveMQ's semantics through STOMP's headers alone: virtual topics, retained and retroactive
// messages, groups. The behaviour is the core's; here is that the headers reach it.

import { expect, it } from 'vitest';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';

it('feeds the queues of a virtual topic', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:a\ndestination:/queue/Consumer.A.VirtualTopic.orders\n\n\0');
  client.send('SUBSCRIBE\nid:b\ndestination:/queue/Consumer.B.VirtualTopic.orders\n\n\0');
  client.send('SUBSCRIBE\nid:t\ndestination:/topic/VirtualTopic.orders\n\n\0');
  client.send('SEND\ndestination:/topic/VirtualTopic.orders\n\nhello\0');
  const frames = await client.frames(3);
  const seen = frames.map(({ headers }) => `${headers.get('subscription')} ${headers.get('destination')}`);
  expect(seen.toSorted()).toEqual([
    'a /queue/Consumer.A.VirtualTopic.orders',
    'b /queue/Consumer.B.VirtualTopic.orders',
    't /topic/VirtualTopic.orders',
  ]);
  const ofQueue = frames.find(({ headers }) => headers.get('subscription') === 'a');
  expect(ofQueue?.headers.get('original-destination')).toBe('/topic/VirtualTopic.orders');
});

it('keeps a message with ActiveMQ.Retain for those who subscribe later', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SEND\ndestination:/topic/state\nActiveMQ.Retain:true\n\nup\0SEND\ndestination:/topic/state\n\nnews\0');
  await client.settled();
  client.send('SUBSCRIBE\nid:1\ndestination:/topic/state\n\n\0');
  const { headers, body } = await client.frame();
  expect([body.toString(), headers.get('ActiveMQ.Retained'), headers.get('ActiveMQ.Retain')]).toEqual([
    'up',
    'true',
    undefined,
  ]);
});

it('gives a retroactive consumer what the topic keeps, and no other one', async () => {
  await using server = await stompServer({
    policies: [{ kind: 'topic', filter: 'kept', recovery: { messages: 2 } }],
  });
  await using client = await RawClient.connected(server.port);
  for (const text of ['1', '2', '3']) client.send(`SEND\ndestination:/topic/kept\n\n${text}\0`);
  await client.settled();
  client.send('SUBSCRIBE\nid:plain\ndestination:/topic/kept\n\n\0');
  expect(await client.settled()).toEqual([]);
  client.send('SUBSCRIBE\nid:retro\ndestination:/topic/kept\nactivemq.retroactive:true\n\n\0');
  const frames = await client.frames(2);
  expect(frames.map(({ headers, body }) => `${headers.get('subscription')} ${body.toString()}`)).toEqual([
    'retro 2',
    'retro 3',
  ]);
});

it('keeps the messages of a group with one consumer', async () => {
  await using server = await stompServer();
  await using one = await RawClient.connected(server.port);
  await using two = await RawClient.connected(server.port);
  const subscribe = 'SUBSCRIBE\nid:1\ndestination:/queue/a\nack:client-individual\n\n\0';
  one.send(subscribe);
  two.send(subscribe);
  await Promise.all([one.settled(), two.settled()]);
  for (let number = 0; number < 20; number++) {
    one.send(`SEND\ndestination:/queue/a\nJMSXGroupID:g${number % 4}\n\n${number}\0`);
  }
  const [ofOne, ofTwo] = [await one.settled(), await two.settled()];
  expect(ofOne.length + ofTwo.length).toBe(20);
  const groups = [ofOne, ofTwo].map((frames) => new Set(frames.map(({ headers }) => headers.get('JMSXGroupID'))));
  expect([...groups[0]!].filter((group) => groups[1]!.has(group))).toEqual([]);
});
