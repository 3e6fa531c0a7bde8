// Whose messages they are: with `populateUserId`, every message carries the name of the user who sent it, whatever its sender says.

import type { MqttClient } from 'mqtt';
import { describe, expect, it } from 'vitest';
import type { Dialect as AnyDialect } from '../../broker/core/dialect.ts';
import type { Message } from '../../broker/core/message.ts';
import { AmqpDialect } from '../../broker/protocols/amqp/dialect.ts';
import { Dialect as Mqtt } from '../../broker/protocols/mqtt/dialect.ts';
import { Dialect as Stomp } from '../../broker/protocols/stomp/dialect.ts';
import { accessBy } from '../support/access.ts';
import { serve, testBroker } from '../support/broker.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { connectMqttOnce } from '../support/mqtt-connect.ts';
import { connect, send } from './amqp/fixture.ts';
import { RawClient } from './stomp/raw-client.ts';

type Protocol = 'amqp' | 'mqtt' | 'stomp';

const access = accessBy(async (_, credentials) => credentials?.user);
const login = { username: 'ann', password: 'secret' };

/** As rhea takes it, whose types know no octets there. */
function id(user: string): string {
  return Buffer.from(user) as unknown as string;
}

interface Running extends AsyncDisposable {
  readonly port: number;
  /** The last message of queue `kept`, which has what is sent to topic `VirtualTopic.a` too. */
  last(): Promise<Message>;
}

async function running(protocol: Protocol, populateUserId: boolean): Promise<Running> {
  const stack = new AsyncDisposableStack();
  const { context, broker } = stack.use(await testBroker());
  const its = { ...context, access, populateUserId };
  const dialect: AnyDialect = {
    amqp: () => new AmqpDialect(its),
    mqtt: () => new Mqtt(its),
    stomp: () => new Stomp(its),
  }[protocol]();
  await dialect.start?.();
  const { port } = stack.use(await serve(dialect));
  const kept = broker.queue('Consumer.kept.VirtualTopic.a');
  return {
    port,
    last: async () => {
      await expect.poll(() => kept.readyCount).toBeGreaterThan(0);
      const [{ message } = {}] = await kept.browse(0, 1);
      await kept.purge();
      return message!;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function overMqtt(port: number, use: (client: MqttClient) => Promise<unknown>): Promise<void> {
  const client = await connectMqttOnce(port, { ...login, protocolVersion: 5 });
  await use(client);
}

describe('a message that is sent by a user', () => {
  it('over STOMP carries their name, whatever it says', async () => {
    await using broker = await running('stomp', true);
    await using client = await RawClient.connected(broker.port, '1.2', 'login:ann\npasscode:secret\n');
    client.send('SEND\ndestination:/topic/VirtualTopic.a\nJMSXUserID:bob\n\nhello\0');
    expect((await broker.last()).userId).toBe('ann');
  });

  it('over MQTT carries their name, as does a will', async () => {
    await using broker = await running('mqtt', true);
    const properties = { userProperties: { JMSXUserID: 'bob' } };
    await overMqtt(broker.port, async (client) => {
      await client.publishAsync('VirtualTopic/a', 'hello', { qos: 1, properties });
      await client.endAsync();
    });
    expect((await broker.last()).userId).toBe('ann');
    const will = { topic: 'VirtualTopic/a', payload: Buffer.from('gone'), qos: 1 as const };
    const client = await connectMqttOnce(broker.port, { ...login, will });
    client.stream.destroy();
    expect((await broker.last()).userId).toBe('ann');
    await client.endAsync(true);
  });

  it('over AMQP carries their name, also in what receivers get byte for byte', async () => {
    await using broker = await running('amqp', true);
    await using client = await connect(broker.port, login);
    const inbox = await client.receiver('topic://VirtualTopic.a', 10);
    const sender = await client.sender('topic://VirtualTopic.a');
    const subject = 's';
    for (const message of [
      { body: 'bare' },
      { body: 'with properties', subject, application_properties: { n: 1 }, durable: true },
      { body: 'it says so', user_id: id('ann') },
    ]) {
      expect((await send(sender, message)).outcome).toBe('accepted');
      expect((await broker.last()).userId).toBe('ann');
      const received = await inbox.accept();
      expect(received).toMatchObject({ ...message, user_id: id('ann') });
    }
  });

  it('over AMQP is refused if it says to be of someone else', async () => {
    await using broker = await running('amqp', true);
    await using client = await connect(broker.port, login);
    const sender = await client.sender('topic://VirtualTopic.a');
    const { outcome, delivery } = await send(sender, { body: 'forged', user_id: id('bob') });
    expect(outcome).toBe('rejected');
    expect(delivery?.remote_state).toMatchObject({ error: { condition: 'amqp:unauthorized-access' } });
    await send(sender, { body: 'honest' });
    expect((await broker.last()).body.toString()).toBe('honest');
  });

  it('carries no name unless that is configured; over AMQP, the one that it says', async () => {
    await using stomp = await running('stomp', false);
    await using client = await RawClient.connected(stomp.port, '1.2', 'login:ann\npasscode:secret\n');
    client.send('SEND\ndestination:/topic/VirtualTopic.a\nJMSXUserID:bob\n\nhello\0');
    expect((await stomp.last()).userId).toBeUndefined();
    await using amqp = await running('amqp', false);
    await using peer = await connect(amqp.port, login);
    await send(await peer.sender('topic://VirtualTopic.a'), { body: 'relayed', user_id: id('bob') });
    expect((await amqp.last()).userId).toBe('bob');
  });
});

it('is asked for in the configuration, and off by default', async () => {
  for (const set of [[], ['access.populateUserId=true']]) {
    await using directory = await temporaryDirectory();
    await using engine = new EngineProcess({ dataDirectory: directory.path, set });
    const { listeners } = await engine.seen('ready');
    await using client = await RawClient.connected(listeners['stomp']!.port, '1.2', 'login:ann\npasscode:secret\n');
    client.send('SUBSCRIBE\nid:1\ndestination:/queue/anns\n\n\0SEND\ndestination:/queue/anns\n\nhello\0');
    const { command, headers } = await client.frame();
    expect([command, headers.get('JMSXUserID')]).toEqual(['MESSAGE', set.length === 0 ? undefined : 'ann']);
  }
});
