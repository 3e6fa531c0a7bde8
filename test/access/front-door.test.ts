// Rules through the front door: what a user may not is refused in the terms of each protocol, and what it may is done.

import type { IClientOptions } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Door } from '../../broker/access/door.ts';
import type { AuditEntry } from '../../broker/access/audit-log.ts';
import type { Rule } from '../../broker/access/rules.ts';
import { Standing } from '../../broker/access/standing.ts';
import { withoutUsers } from '../../broker/access/no-users.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { connect } from '../protocols/amqp/fixture.ts';
import { listening } from '../protocols/listening.ts';
import type { Listening } from '../protocols/listening.ts';
import { message } from '../support/messages.ts';
import { connectMqttOnce } from '../support/mqtt-connect.ts';
import { RawClient } from '../protocols/stomp/raw-client.ts';

const nobody = { read: [], write: [], create: [], admin: [], final: false };
const rules: readonly Rule[] = [
  { ...nobody, kind: 'queue', pattern: 'in', write: ['*'], create: ['*'] },
  { ...nobody, kind: 'queue', pattern: 'out', read: ['*'], create: ['*'] },
  { ...nobody, kind: 'queue', pattern: 'both', read: ['*'], write: ['*'] },
  { ...nobody, kind: 'topic', pattern: 'in.>', write: ['*'] },
  { ...nobody, kind: 'topic', pattern: 'out.>', read: ['*'] },
  { ...nobody, kind: 'temp', pattern: '>', write: ['*'] },
];

/** Whoever comes is let in, by any name, and may do what the rules say. */
function ruled(entries: AuditEntry[]): Door {
  const open = withoutUsers(100);
  const admit: typeof open.admit = async (peer, credentials) => {
    const admission = await open.admit(peer, credentials);
    if ('refused' in admission) return admission;
    const { user } = admission.principal;
    const standing = new Standing({ user, groups: [] }, rules);
    return { ...admission, principal: { user, authorize: (...asked) => standing.authorize(...asked) } };
  };
  return new Door({ ...open, admit }, systemClock, (entry) => entries.push(entry));
}

describe('what rules do not give', () => {
  const entries: AuditEntry[] = [];
  let any: Listening;

  beforeAll(async () => {
    any = await listening('any', { access: ruled(entries) });
  });

  afterAll(() => any[Symbol.asyncDispose]());

  async function stompAnswer(frame: string): Promise<string> {
    await using client = await RawClient.connected(any.port);
    client.send(`${frame}\0`);
    const { command, headers } = await client.frame();
    return command === 'RECEIPT' ? command : `${command} ${headers.get('message')}`;
  }

  it.each([
    ['SEND\ndestination:/queue/in\nreceipt:1\n\n', 'RECEIPT'],
    ['SEND\ndestination:/queue/out\nreceipt:1\n\n', /^ERROR .*may not write queue:\/\/out/],
    ['SEND\ndestination:/queue/both\nreceipt:1\n\n', /^ERROR .*may not create queue:\/\/both/],
    ['SEND\ndestination:/queue/in,/queue/out\nreceipt:1\n\n', /^ERROR .*may not write queue:\/\/out/],
    ['SEND\ndestination:/topic/in.x\nreceipt:1\n\n', 'RECEIPT'],
    ['SEND\ndestination:/topic/other\nreceipt:1\n\n', /^ERROR .*may not write topic:\/\/other/],
    ['SUBSCRIBE\nid:1\ndestination:/queue/out\nreceipt:1\n\n', 'RECEIPT'],
    ['SUBSCRIBE\nid:1\ndestination:/queue/in\nreceipt:1\n\n', /^ERROR .*may not read queue:\/\/in/],
    ['SUBSCRIBE\nid:1\ndestination:/queue/>\nreceipt:1\n\n', /^ERROR .*may not read queue:\/\/>/],
    ['SUBSCRIBE\nid:1\ndestination:/queue/out,/queue/in\nreceipt:1\n\n', /^ERROR .*may not read queue:\/\/in/],
    ['SUBSCRIBE\nid:1\nbrowser:true\ndestination:/queue/in\nreceipt:1\n\n', /^ERROR .*may not read queue:\/\/in/],
    ['SUBSCRIBE\nid:1\ndestination:/topic/out.>\nreceipt:1\n\n', 'RECEIPT'],
    ['SUBSCRIBE\nid:1\ndestination:/topic/>\nreceipt:1\n\n', /^ERROR .*may not read topic:\/\/>/],
    ['SUBSCRIBE\nid:1\ndestination:/temp-queue/x\nreceipt:1\n\n', /^ERROR .*may not/],
  ])('is refused over STOMP: %j', async (frame, answer) => {
    expect(await stompAnswer(frame)).toMatch(answer);
  });

  const mqtt = (options: IClientOptions) => connectMqttOnce(any.port, options);

  it('is refused over MQTT 3.1.1 by return code 128, by not delivering, and at CONNECT for a will', async () => {
    const client = await mqtt({});
    expect((await client.subscribeAsync('out/#', { qos: 1 })).map(({ qos }) => qos)).toEqual([1]);
    await expect(client.subscribeAsync('#', { qos: 1 })).rejects.toThrow('Subscribe error');
    await expect(client.subscribeAsync('in/x', { qos: 1 })).rejects.toThrow('Subscribe error');
    await client.publishAsync('in/x', 'x', { qos: 1 });
    // There is no other way to refuse a message: it is acknowledged, and nobody gets it.
    const subscriber = await mqtt({});
    const received: string[] = [];
    subscriber.on('message', (_, payload) => received.push(payload.toString()));
    await subscriber.subscribeAsync('out/#', { qos: 1 });
    await client.publishAsync('out/x', 'denied', { qos: 1 });
    const transaction = any.broker.transaction();
    any.broker.send(transaction, { kind: 'topic', name: 'out.x' }, message({ text: 'allowed' }));
    await transaction.commit();
    await expect.poll(() => received).toEqual(['allowed']);
    await client.endAsync();
    await subscriber.endAsync();
    await expect(mqtt({ will: { topic: 'out/x', payload: Buffer.from('x') } })).rejects.toThrow('Not authorized');
    await (await mqtt({ will: { topic: 'in/x', payload: Buffer.from('x') } })).endAsync();
  });

  it('is refused over MQTT 5 by reason codes, and the connection goes on', async () => {
    const client = await mqtt({ protocolVersion: 5 });
    await expect(client.subscribeAsync('in/#', { qos: 1 })).rejects.toMatchObject({ packet: { granted: [135] } });
    await expect(client.publishAsync('out/x', 'x', { qos: 1 })).rejects.toMatchObject({ code: 135 });
    await expect(client.publishAsync('out/x', 'x', { qos: 2 })).rejects.toMatchObject({ code: 135 });
    await client.publishAsync('in/x', 'x', { qos: 1 });
    await client.endAsync();
  });

  it('is refused over AMQP with amqp:unauthorized-access, on the link or for the message', async () => {
    const unauthorized = { condition: 'amqp:unauthorized-access' };
    await using client = await connect(any.port);
    await client.sender('in');
    await expect(client.sender('out')).rejects.toMatchObject(unauthorized);
    await expect(client.sender('topic://other')).rejects.toMatchObject(unauthorized);
    await client.receiver('out');
    await expect(client.receiver('in')).rejects.toMatchObject(unauthorized);
    await expect(client.receiver('queue://>')).rejects.toMatchObject(unauthorized);
    await expect(client.receiver({ source: { dynamic: true } as never })).rejects.toMatchObject(unauthorized);
    const relay = await client.sender({ target: {} as never });
    const outcome = new Promise<string>((resolve) => {
      for (const event of ['accepted', 'rejected', 'sender_error']) {
        relay.once(event, ({ delivery, sender }) =>
          resolve(JSON.stringify([event, delivery?.remote_state, sender.error])),
        );
      }
    });
    relay.send({ to: 'out', body: 'x' });
    expect(await outcome).toContain('amqp:unauthorized-access');
  });

  it('is written down with who asked', () => {
    expect(entries).toContainEqual(
      expect.objectContaining({
        event: 'denied',
        listener: 'any',
        protocol: 'stomp',
        user: 'anonymous',
        operation: 'write',
        destination: 'queue://out',
      }),
    );
  });
});
