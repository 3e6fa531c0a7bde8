// SUBSCRIBE with `browser:true`: what a queue holds, with an end, and without taking anything.

import { expect, it } from 'vitest';
import type { Frame } from '../../../broker/protocols/stomp/wire/frame.ts';
import { message } from '../../support/messages.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';
import type { StompServer } from './stomp-server.ts';

async function filled(count: number, limits = {}): Promise<StompServer> {
  const server = await stompServer({ limits });
  for (let number = 0; number < count; number++) {
    const properties = [{ name: 'n', type: 'string', value: String(number) } as const];
    await server.broker.publish({ kind: 'queue', name: 'a' }, message({ text: String(number), properties }));
  }
  return server;
}

async function browsed(client: RawClient): Promise<{ bodies: string[]; end: Frame }> {
  const bodies: string[] = [];
  for (;;) {
    const frame = await client.frame();
    if (frame.headers.has('browser')) return { bodies, end: frame };
    bodies.push(frame.body.toString());
  }
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, number) => String(number));

it.each(['1.1', '1.2'])(
  'shows what is there, in order, and its end, and takes nothing, in version %s',
  async (version) => {
    await using server = await filled(10);
    await using client = await RawClient.connected(server.port, version);
    client.send('SUBSCRIBE\nid:b\ndestination:/queue/a\nbrowser:true\nreceipt:r\n\n\0');
    expect((await client.frame()).command).toBe('RECEIPT');
    const { bodies, end } = await browsed(client);
    expect(bodies).toEqual(numbers(10));
    expect(end.command).toBe('MESSAGE');
    expect(Object.fromEntries(end.headers)).toEqual({
      subscription: 'b',
      destination: '/queue/a',
      'message-id': '0',
      browser: 'end',
    });
    client.send('UNSUBSCRIBE\nid:b\n\n\0SUBSCRIBE\nid:b\ndestination:/queue/a\n\n\0');
    expect((await client.frames(10)).map(({ body }) => body.toString())).toEqual(numbers(10));
  },
);

it('ends at once where there is nothing', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:b\ndestination:/queue/a\nbrowser:true\nack:client\n\n\0');
  expect((await browsed(client)).bodies).toEqual([]);
});

it('shows what its selector takes', async () => {
  await using server = await filled(20);
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:b\ndestination:/queue/a\nbrowser:true\nselector:n >= 17\n\n\0');
  expect((await browsed(client)).bodies).toEqual(['17', '18', '19']);
});

it('shows more than its window and than the socket takes at once', async () => {
  await using server = await filled(700, { maxUnsentBytes: 2048 });
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:b\ndestination:/queue/a\nbrowser:true\nactivemq.prefetchSize:3\n\n\0');
  expect((await browsed(client)).bodies).toEqual(numbers(700));
});

it('takes ACK for what it is, of nothing, and refuses NACK', async () => {
  await using server = await filled(2);
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:b\ndestination:/queue/a\nbrowser:true\nack:client-individual\n\n\0');
  const frames = await client.frames(3);
  expect(frames[0]?.headers.get('ack')).toMatch(/^[0-9]+-1$/);
  client.send(`ACK\nid:${frames[0]?.headers.get('ack')}\n\n\0`);
  expect(await client.settled()).toEqual([]);
  client.send(`NACK\nid:${frames[1]?.headers.get('ack')}\n\n\0`);
  expect((await client.frame()).headers.get('message')).toBe('NACK of what a browser shows, which it does not take');
  await client.closed;
  expect(server.broker.queue('a').readyCount).toBe(2);
});

it('ends with its UNSUBSCRIBE', async () => {
  await using server = await filled(3);
  await using client = await RawClient.connected(server.port);
  client.send('SUBSCRIBE\nid:b\ndestination:/queue/a\nbrowser:true\n\n\0UNSUBSCRIBE\nid:b\n\n\0');
  expect(await client.settled()).toEqual([]);
});

it('acknowledges by message id in 1.1 without effect', async () => {
  await using server = await filled(1);
  await using client = await RawClient.connected(server.port, '1.1');
  client.send('SUBSCRIBE\nid:b\ndestination:/queue/a\nbrowser:true\nack:client\n\n\0');
  const [first] = await client.frames(2);
  client.send(`ACK\nsubscription:b\nmessage-id:${first?.headers.get('message-id')}\n\n\0`);
  expect(await client.settled()).toEqual([]);
  expect(server.broker.queue('a').readyCount).toBe(1);
});

it.each([
  ['1.0', '/queue/a', 'true', 'browsing a queue needs STOMP 1.1'],
  ['1.2', '/topic/a', 'true', 'browser is for one queue'],
  ['1.2', '/queue/a,/queue/b', 'true', 'browser is for one queue'],
  ['1.2', '/queue/a.>', 'true', 'browser is for one queue'],
  ['1.2', '/queue/a', 'yes', 'browser "yes" is neither true nor false'],
  ['1.2', '/queue/a', 'true\nselector:a =', 'selector: expected a value'],
])('is refused in version %s for %s with browser:%s', async (version, destination, value, text) => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port, version);
  client.send(`SUBSCRIBE\nid:b\ndestination:${destination}\nbrowser:${value}\n\n\0`);
  expect((await client.frame()).headers.get('message')).toContain(text);
});

it('shows what its connection sent before, stored or not', async () => {
  await using server = await stompServer();
  await using client = await RawClient.connected(server.port);
  const send = (headers: string, body: string): string => `SEND\ndestination:/queue/a\n${headers}\n${body}\0`;
  client.send(
    `${send('persistent:true\n', '1')}${send('', '2')}SUBSCRIBE\nid:b\ndestination:/queue/a\nbrowser:true\n\n\0${send('', '3')}`,
  );
  expect((await browsed(client)).bodies.slice(0, 2)).toEqual(['1', '2']);
});
