// SUBSCRIBE, UNSUBSCRIBE, ACK and NACK (STOMP 1.2, of these names; 1.1 and 1.0 where they differ).

import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../broker/protocols/stomp/wire/frame.ts';
import { message } from '../../support/messages.ts';
import { RawClient } from './raw-client.ts';
import { stompServer } from './stomp-server.ts';
import type { StompServer } from './stomp-server.ts';

const queueA = { kind: 'queue', name: 'a' } as const;

async function fill(server: StompServer, bodies: readonly string[]): Promise<void> {
  for (const text of bodies) await server.broker.publish(queueA, message({ to: 'queue://a', text }));
}

async function rest(server: StompServer, name = 'a'): Promise<string[]> {
  const found = await server.broker.queue(name).browse(0, 1000);
  return found.map((each) => each.message.body.toString());
}

function texts(frames: readonly Frame[]): string[] {
  return frames.map(({ command, body }) => (command === 'MESSAGE' ? body.toString() : command));
}

function subscribe(options = ''): string {
  return `SUBSCRIBE\nid:0\ndestination:/queue/a\n${options}\n\0`;
}

function ackOf({ headers }: Frame, version: string, command = 'ACK', more = ''): string {
  const subscription = `subscription:${headers.get('subscription')}\n`;
  const by12 = `id:${headers.get('ack')}\n`;
  const by11 = `message-id:${headers.get('message-id')}\n${version === '1.1' ? subscription : ''}`;
  return `${command}\n${version === '1.2' ? by12 : by11}${more}\n\0`;
}

describe('SUBSCRIBE', () => {
  it('sends its RECEIPT before the first MESSAGE', async () => {
    await using server = await stompServer();
    await fill(server, ['a', 'b']);
    await using client = await RawClient.connected(server.port);
    client.send(subscribe('receipt:r\n'));
    expect(texts(await client.frames(3))).toEqual(['RECEIPT', 'a', 'b']);
  });

  it.each([
    ['no id', 'destination:/queue/a\n', 'SUBSCRIBE without the header "id"'],
    ['no destination', 'id:0\n', 'SUBSCRIBE without the header "destination"'],
    ['an unknown ack mode', 'id:0\ndestination:/queue/a\nack:manual\n', 'ack "manual" is none of auto, client'],
    ['a bad selector', 'id:0\ndestination:/queue/a\nselector:a =\n', 'selector: expected a value, not the end, at 4'],
    [
      'a flag in other words',
      'id:0\ndestination:/queue/a\nactivemq.exclusive:yes\n',
      'activemq.exclusive "yes" is neither',
    ],
    [
      'a limit to what waits in a queue',
      'id:0\ndestination:/queue/a\nactivemq.maximumPendingMessageLimit:9\n',
      'a limit to what waits is for topics',
    ],
    ['a limit that is none', 'id:0\ndestination:/topic/a\nactivemq.maximumPendingMessageLimit:-1\n', 'is not a number'],
    ['a priority beyond the highest', 'id:0\ndestination:/queue/a\nactivemq.priority:128\n', 'activemq.priority "128"'],
    ['a negative priority', 'id:0\ndestination:/queue/a\nactivemq.priority:-1\n', 'activemq.priority "-1"'],
    ['an unknown transformation', 'id:0\ndestination:/queue/a\ntransformation:jms-yaml\n', 'transformation "jms-yaml"'],
    ['an unknown option', 'id:0\ndestination:/queue/a\nactivemq.foo:1\n', 'activemq.foo'],
    ['a window of nothing', 'id:0\ndestination:/queue/a\nactivemq.prefetchSize:0\n', 'activemq.prefetchSize "0"'],
    ['no-local on a queue', 'id:0\ndestination:/queue/a\nactivemq.noLocal:true\n', 'activemq.noLocal is for topics'],
    ['an empty destination', 'id:0\ndestination:\n', 'a destination needs a name'],
    ['a path of another broker', 'id:0\ndestination:/exchange/a\n', 'does not begin with /queue/, /topic/'],
  ])('refuses %s, and closes', async (_, headers, text) => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    client.send(`SUBSCRIBE\n${headers}receipt:r\n\n\0`);
    const error = await client.frame();
    expect(error.command).toBe('ERROR');
    expect(error.headers.get('message')).toContain(text);
    expect(error.headers.get('receipt-id')).toBe('r');
    await client.closed;
    expect(server.broker.queue('a').consumerCount).toBe(0);
  });

  it('takes options that ask for what is so anyway', async () => {
    await using server = await stompServer();
    await fill(server, ['a']);
    await using client = await RawClient.connected(server.port);
    client.send(subscribe('activemq.dispatchAsync:false\nactivemq.exclusive:false\nbrowser:false\nfoo:bar\n'));
    expect(texts([await client.frame()])).toEqual(['a']);
  });

  it('refuses an id that is in use', async () => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    client.send(`${subscribe()}${subscribe()}`);
    expect((await client.frame()).headers.get('message')).toBe('subscription "0" exists already');
    await client.closed;
  });

  it('shares a queue among subscriptions', async () => {
    await using server = await stompServer();
    await using one = await RawClient.connected(server.port);
    await using two = await RawClient.connected(server.port);
    one.send(subscribe('ack:client-individual\n'));
    two.send(subscribe('ack:client-individual\n'));
    await Promise.all([one.settled(), two.settled()]);
    await fill(server, ['a', 'b', 'c', 'd']);
    const got = [...(await one.frames(2)), ...(await two.frames(2))];
    expect(texts(got).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('topics', () => {
  it.each([
    ['a.b', ['a.b']],
    ['a.*', ['a.b', 'a.c']],
    ['a.>', ['a.b', 'a.c', 'a.b.c', 'a']],
    ['*.b', ['a.b']],
    ['>', ['a.b', 'a.c', 'a.b.c', 'a', 'b']],
  ])('gives a subscription to %s what is sent to %j', async (filter, expected) => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    client.send(`SUBSCRIBE\nid:0\ndestination:/topic/${filter}\n\n\0`);
    for (const name of ['a.b', 'a.c', 'a.b.c', 'a', 'b']) client.send(`SEND\ndestination:/topic/${name}\n\n${name}\0`);
    const frames = await client.settled();
    expect(texts(frames)).toEqual(expected);
    expect(frames.map(({ headers }) => headers.get('destination'))).toEqual(expected.map((name) => `/topic/${name}`));
  });

  it('gives every subscription its own copy, each under its id', async () => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    for (const id of ['x', 'y']) client.send(`SUBSCRIBE\nid:${id}\ndestination:/topic/a\nack:client\n\n\0`);
    client.send('SEND\ndestination:/topic/a\npersistent:true\n\nhello\0');
    const frames = await client.frames(2);
    expect(new Set(frames.map(({ headers }) => headers.get('subscription')))).toEqual(new Set(['x', 'y']));
    expect(texts(frames)).toEqual(['hello', 'hello']);
  });

  it('keeps from a subscription with noLocal what its own connection sends', async () => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    await using other = await RawClient.connected(server.port);
    client.send('SUBSCRIBE\nid:0\ndestination:/topic/a\nactivemq.noLocal:true\n\n\0');
    client.send('SEND\ndestination:/topic/a\n\nmine\0');
    expect(await client.settled()).toEqual([]);
    other.send('SEND\ndestination:/topic/a\n\ntheirs\0');
    expect(texts([await client.frame()])).toEqual(['theirs']);
  });

  it('keeps no more for a slow subscription than its limit says, and drops the oldest', async () => {
    const policies = [{ kind: 'topic', filter: 'short', pendingLimit: 1 }] as const;
    await using server = await stompServer({ policies });
    await using client = await RawClient.connected(server.port);
    const terms = 'ack:client-individual\nactivemq.prefetchSize:1\nactivemq.maximumPendingMessageLimit:2\n';
    for (const name of ['long', 'short']) {
      client.send(`SUBSCRIBE\nid:${name}\ndestination:/topic/${name}\n${terms}\n\0`);
    }
    await client.settled();
    for (const text of ['1', '2', '3', '4', '5']) {
      for (const name of ['long', 'short']) await server.broker.publish({ kind: 'topic', name }, message({ text }));
    }
    const got: Record<string, string[]> = { long: [], short: [] };
    for (let i = 0; i < 5; i++) {
      const frame = await client.frame();
      got[frame.headers.get('subscription')!]!.push(...texts([frame]));
      client.send(ackOf(frame, '1.2'));
    }
    // One was sent, and of the others the last two wait, or the one that the policy allows.
    expect(got).toEqual({ long: ['1', '4', '5'], short: ['1', '5'] });
  });

  it('leaves nothing of a subscription behind', async () => {
    await using server = await stompServer();
    const before = [...server.broker.queues()].length;
    await using client = await RawClient.connected(server.port);
    client.send('SUBSCRIBE\nid:0\ndestination:/topic/a\n\n\0SUBSCRIBE\nid:1\ndestination:/topic/b\n\n\0');
    await client.settled();
    expect(server.broker.topics.subscriptionCount).toBe(2);
    client.send('UNSUBSCRIBE\nid:0\n\n\0');
    await client.settled();
    expect(server.broker.topics.subscriptionCount).toBe(1);
    client.send('DISCONNECT\nreceipt:bye\n\n\0');
    await client.frame();
    expect(server.broker.topics.subscriptionCount).toBe(0);
    expect([...server.broker.queues()].length).toBe(before);
  });
});

describe('ack:auto', () => {
  it('takes a message for consumed once it is sent', async () => {
    await using server = await stompServer();
    await fill(server, ['a', 'b']);
    await using client = await RawClient.connected(server.port);
    client.send(subscribe());
    const frames = await client.frames(2);
    expect(texts(frames)).toEqual(['a', 'b']);
    expect(frames[0]?.headers.has('ack')).toBe(false);
    await client.settled();
    expect(await rest(server)).toEqual([]);
    expect(server.broker.delivered).toBe(2);
  });

  it('sends more than a window of messages, as they are settled', async () => {
    await using server = await stompServer();
    const all = Array.from({ length: 50 }, (_, number) => String(number));
    await fill(server, all);
    await using client = await RawClient.connected(server.port);
    client.send(subscribe('activemq.prefetchSize:7\n'));
    expect(texts(await client.frames(50))).toEqual(all);
  });

  it('puts back what the socket did not take, when the connection is lost', async () => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port);
    client.socket.pause();
    const body = 'x'.repeat(400_000);
    await fill(
      server,
      Array.from({ length: 40 }, () => body),
    );
    client.send(subscribe());
    const queue = server.broker.queue('a');
    await using other = await RawClient.connected(server.port);
    while (queue.inFlightCount === 0) await other.settled();
    client.socket.destroy();
    while (queue.consumerCount > 0) await other.settled();
    other.send(subscribe('ack:client\n'));
    const again = await other.frame();
    expect(again.headers.get('redelivered')).toBe('true');
    expect(queue.dequeued).toBeLessThan(40);
  });
});

describe.each(['1.2', '1.1', '1.0'])('acknowledging in version %s', (version) => {
  async function started(options: string, messages: readonly string[] = ['a', 'b', 'c', 'd']) {
    const server = await stompServer();
    await fill(server, messages);
    const client = await RawClient.connected(server.port, version);
    client.send(subscribe(options));
    return { server, client, [Symbol.asyncDispose]: () => close(server, client) };
  }

  async function close(server: StompServer, client: RawClient): Promise<void> {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }

  it('is cumulative in mode client', async () => {
    await using at = await started('ack:client\n');
    const frames = await at.client.frames(4);
    at.client.send(ackOf(frames[2]!, version));
    await at.client.settled();
    expect(await rest(at.server)).toEqual(['d']);
  });

  it('is for one message in mode client-individual', async () => {
    await using at = await started('ack:client-individual\n');
    const frames = await at.client.frames(4);
    at.client.send(ackOf(frames[2]!, version));
    await at.client.settled();
    expect(await rest(at.server)).toEqual(['a', 'b', 'd']);
  });

  it('takes a second ACK of one message for what it is', async () => {
    await using at = await started('ack:client\n');
    const frames = await at.client.frames(4);
    for (const index of [2, 0, 1, 2, 3]) at.client.send(ackOf(frames[index]!, version));
    expect(await at.client.settled()).toEqual([]);
    expect(await rest(at.server)).toEqual([]);
  });

  it('refuses an ACK of what was never sent', async () => {
    await using at = await started('ack:client\n');
    const [first] = await at.client.frames(4);
    const never = { ...first!, headers: new Map([...first!.headers, ['ack', '1-5'], ['message-id', 'other']]) };
    at.client.send(ackOf(never, version, 'ACK', 'receipt:r\n'));
    const error = await at.client.frame();
    expect(error.headers.get('message')).toContain('which is not the id of a message to acknowledge');
    expect(error.headers.get('receipt-id')).toBe('r');
    await at.client.closed;
  });

  it('sends no more unacknowledged messages than the window', async () => {
    await using at = await started('ack:client-individual\nactivemq.prefetchSize:2\n');
    const frames = await at.client.frames(2);
    expect(await at.client.settled()).toEqual([]);
    at.client.send(ackOf(frames[1]!, version));
    const third = await at.client.frame();
    expect(texts([third])).toEqual(['c']);
    expect(await at.client.settled()).toEqual([]);
    at.client.send(ackOf(third, version) + ackOf(frames[0]!, version));
    expect(texts([await at.client.frame()])).toEqual(['d']);
  });

  it('puts what was not acknowledged back in its place, marked, when the connection ends', async () => {
    await using at = await started('ack:client-individual\n');
    const frames = await at.client.frames(4);
    expect(frames.map(({ headers }) => headers.has('redelivered'))).toEqual([false, false, false, false]);
    at.client.send(`${ackOf(frames[1]!, version)}DISCONNECT\nreceipt:bye\n\n\0`);
    await at.client.frame();
    await using other = await RawClient.connected(at.server.port, version);
    other.send(subscribe('ack:client\n'));
    const again = await other.frames(3);
    expect(texts(again)).toEqual(['a', 'c', 'd']);
    expect(again.map(({ headers }) => headers.get('redelivered'))).toEqual(['true', 'true', 'true']);
  });

  it('puts it back when the subscription ends, and refuses to hear of it afterwards', async () => {
    await using at = await started('ack:client\n');
    const frames = await at.client.frames(4);
    at.client.send('UNSUBSCRIBE\nid:0\nreceipt:1\n\n\0');
    expect(texts([await at.client.frame()])).toEqual(['RECEIPT']);
    expect(at.server.broker.queue('a').readyCount).toBe(4);
    at.client.send(ackOf(frames[0]!, version));
    expect((await at.client.frame()).command).toBe('ERROR');
    await at.client.closed;
    expect(await rest(at.server)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('acknowledges nothing before it is stored', async () => {
    await using at = await started('ack:client\n');
    const frames = await at.client.frames(4);
    at.server.store.hold();
    at.client.send(ackOf(frames[3]!, version, 'ACK', 'receipt:r\n'));
    await using other = await RawClient.connected(at.server.port);
    expect(await other.settled()).toEqual([]);
    expect(await other.settled()).toEqual([]);
    expect(at.client.pending).toEqual([]);
    at.server.store.resume();
    expect((await at.client.frame()).headers.get('receipt-id')).toBe('r');
  });

  it('tells two messages of one id apart', async () => {
    await using server = await stompServer();
    for (const text of ['a', 'b']) await server.broker.publish(queueA, message({ id: 'same', text }));
    await using client = await RawClient.connected(server.port, version);
    client.send(subscribe('ack:client-individual\n'));
    const [first, second] = await client.frames(2);
    client.send(ackOf(first!, version));
    await client.settled();
    expect(await rest(server)).toEqual(['b']);
    client.send(ackOf(second!, version));
    await client.settled();
    expect(await rest(server)).toEqual([]);
  });

  it('keeps its books over many messages, acknowledged in any order', async () => {
    const all = Array.from({ length: 600 }, (_, number) => String(number));
    await using at = await started('ack:client-individual\nactivemq.prefetchSize:50\n', all);
    const seen: string[] = [];
    const open: Frame[] = [];
    while (seen.length < all.length) {
      const frame = await at.client.frame();
      seen.push(frame.body.toString());
      open.push(frame);
      // The oldest stays, others go from both ends and the middle.
      if (open.length < 30) continue;
      for (const index of [29, 13, 20, 7, 2]) at.client.send(ackOf(open.splice(index, 1)[0]!, version));
    }
    expect(seen).toEqual(all);
    await at.client.settled();
    expect(await rest(at.server)).toEqual(open.map(({ body }) => body.toString()));
    for (const frame of open) at.client.send(ackOf(frame, version));
    expect(await at.client.settled()).toEqual([]);
    expect(await rest(at.server)).toEqual([]);
  });
});

describe.each(['1.2', '1.1'])('NACK in version %s', (version) => {
  it('sends a message to the dead-letter queue, with its reason and origin', async () => {
    await using server = await stompServer();
    await fill(server, ['a', 'b']);
    await using client = await RawClient.connected(server.port, version);
    client.send(subscribe('ack:client-individual\n'));
    const [first] = await client.frames(2);
    client.send(ackOf(first!, version, 'NACK', 'receipt:r\n'));
    await client.frame();
    expect(await rest(server)).toEqual(['b']);
    client.send('SUBSCRIBE\nid:dead\ndestination:/queue/ActiveMQ.DLQ\n\n\0');
    const { headers, body } = await client.frame();
    expect(body.toString()).toBe('a');
    expect(headers.get('destination')).toBe('/queue/ActiveMQ.DLQ');
    expect(headers.get('original-destination')).toBe('/queue/a');
    expect(headers.get('dlqDeliveryFailureCause')).toBe('refused by its consumer (NACK)');
    expect(headers.get('message-id')).toBe(first?.headers.get('message-id'));
  });

  it('is for all messages before it in mode client', async () => {
    await using server = await stompServer();
    await fill(server, ['a', 'b', 'c', 'd']);
    await using client = await RawClient.connected(server.port, version);
    client.send(subscribe('ack:client\n'));
    const frames = await client.frames(4);
    client.send(ackOf(frames[0]!, version) + ackOf(frames[2]!, version, 'NACK'));
    await client.settled();
    expect(await rest(server)).toEqual(['d']);
    expect(await rest(server, 'ActiveMQ.DLQ')).toEqual(['b', 'c']);
  });
});

describe('rules of single versions', () => {
  it.each([
    ['1.2', 'ACK\nmessage-id:x\nsubscription:0\n\n\0', 'ACK without the header "id"'],
    ['1.2', 'NACK\n\n\0', 'NACK without the header "id"'],
    ['1.2', 'ACK\nid:x\n\n\0', 'ACK of "x", which is not the id'],
    ['1.2', 'ACK\nid:1-99\n\n\0', 'ACK of "1-99"'],
    ['1.2', 'ACK\nid:7-1\n\n\0', 'ACK of "7-1"'],
    ['1.1', 'ACK\nsubscription:0\n\n\0', 'ACK without the header "message-id"'],
    ['1.1', 'ACK\nmessage-id:x\n\n\0', 'ACK without the header "subscription"'],
    ['1.1', 'ACK\nmessage-id:x\nsubscription:9\n\n\0', 'there is no subscription "9"'],
    ['1.0', 'ACK\n\n\0', 'ACK without the header "message-id"'],
    ['1.0', 'NACK\nmessage-id:x\n\n\0', 'STOMP 1.0 has no NACK'],
    ['1.2', 'UNSUBSCRIBE\nid:9\n\n\0', 'there is no subscription "9"'],
    ['1.1', 'UNSUBSCRIBE\ndestination:/queue/a\n\n\0', 'UNSUBSCRIBE without the header "id"'],
    ['1.0', 'UNSUBSCRIBE\ndestination:/queue/z\n\n\0', 'there is no subscription to "/queue/z"'],
    ['1.0', 'UNSUBSCRIBE\n\n\0', 'UNSUBSCRIBE without the header "destination"'],
  ])('%s refuses %j', async (version, frame, text) => {
    await using server = await stompServer();
    await using client = await RawClient.connected(server.port, version);
    client.send(subscribe('ack:client\n') + frame);
    const error = await client.frame();
    expect(error.command).toBe('ERROR');
    expect(error.headers.get('message')).toContain(text);
    await client.closed;
  });

  it('1.0 subscribes and unsubscribes by destination, without an id', async () => {
    await using server = await stompServer();
    await fill(server, ['a']);
    await using client = await RawClient.connected(server.port, '1.0');
    client.send('SUBSCRIBE\ndestination: /queue/a\nack: client\n\n\0');
    const first = await client.frame();
    expect(first.headers.has('subscription')).toBe(false);
    client.send(`${ackOf(first, '1.0')}UNSUBSCRIBE\ndestination:/queue/a\n\n\0`);
    await client.settled();
    expect(server.broker.queue('a').consumerCount).toBe(0);
    expect(await rest(server)).toEqual([]);
  });
});
