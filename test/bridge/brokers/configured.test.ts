// Routes to and from other brokers as the configuration writes them.

import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../broker/config.ts';
import { listening } from '../../protocols/listening.ts';
import { message } from '../../support/messages.ts';
import { world } from '../world.ts';

const toQueue = (name: string) => ({ kind: 'queue', name }) as const;

describe('remotes of a configuration', () => {
  it('are there and back by their names: a queue, and topics with levels', async () => {
    await using far = await listening('any');
    const at = (type: string) => `{ type: ${type}, url: "${type}://127.0.0.1:${far.port}" }`;
    await using here = await world({
      queues: ['out'],
      remotes: `{ legacy: ${at('amqp')}, sensors: ${at('mqtt')}, old: ${at('stomp')} }`,
      routes: `[
        { name: a, from: queue://in, to: queue://first@legacy },
        { name: b, from: queue://first@old, to: topic://telemetry.room.1@sensors },
        { name: c, from: "topic://telemetry.>@sensors", to: sqs://out } ]`,
    });
    await expect.poll(() => far.broker.topics.match('telemetry.room.1').length).toBe(1);
    for (let i = 0; i < 50; i++) await here.broker.publish(toQueue('in'), message({ text: String(i) }));
    await expect.poll(() => here.sqs('out').readyCount).toBe(50);
    const bodies = (await here.messages(here.sqs('out'))).map(({ body }) => body.toString());
    expect(bodies).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
    expect(['a', 'b', 'c'].map((name) => here.route(name).state)).toEqual(['running', 'running', 'running']);
  });

  it('tell messages apart by the ids that senders gave; without one, each is another', async () => {
    await using far = await listening('any');
    const at = (type: string) => `{ type: ${type}, url: "${type}://127.0.0.1:${far.port}" }`;
    await using here = await world({
      queues: ['orders.fifo', 'telemetry.fifo'],
      remotes: `{ legacy: ${at('amqp')}, sensors: ${at('mqtt')} }`,
      routes: `[
        { name: a, from: queue://in@legacy, to: sqs://orders.fifo, key: "constant:k" },
        { name: b, from: topic://in@sensors, to: sqs://telemetry.fifo, key: "constant:k" } ]`,
    });
    await expect.poll(() => far.broker.topics.match('in').length).toBe(1);
    for (const kind of ['queue', 'topic'] as const) {
      for (let i = 0; i < 3; i++) await far.broker.publish({ kind, name: 'in' }, message({ id: 'm', text: 'on' }));
      await far.broker.publish({ kind, name: 'in' }, message({ id: 'n', text: 'last' }));
    }
    const held = async (name: string) => (await here.messages(here.sqs(name))).map(({ body }) => body.toString());
    await expect.poll(() => held('orders.fifo')).toEqual(['on', 'last']);
    await expect.poll(() => held('telemetry.fifo')).toEqual(['on', 'on', 'on', 'last']);
  });

  it('give each target of a fan-out its own connection and pace', async () => {
    await using far = await listening('any');
    await using here = await world({
      remotes: `{ old: { type: stomp, url: "stomp://127.0.0.1:${far.port}" }, gone: { type: amqp, url: "amqp://127.0.0.1:1" } }`,
      routes: '[{ name: r, from: queue://in, to: [queue://out@old, queue://out@gone] }]',
    });
    for (let i = 0; i < 50; i++) await here.broker.publish(toQueue('in'), message({ text: String(i) }));
    await expect.poll(() => far.broker.queue('out').readyCount).toBe(50);
    await expect.poll(() => here.route('r.2').error).toBe('gone (127.0.0.1:1): nothing listens there');
    expect(here.route('r.1').state).toBe('running');
  });

  it('are in previews: what would be lost there', async () => {
    await using here = await world({
      remotes: '{ s: { type: stomp, url: "stomp://127.0.0.1:1" }, m: { type: mqtt, url: "mqtt://127.0.0.1:1" } }',
      routes: '[{ name: r, from: queue://in, to: queue://out@s }, { name: t, from: queue://in, to: topic://out@m }]',
    });
    const given = {
      body: 'x',
      headers: { priority: 7, correlationId: 'c' },
      properties: [
        { name: 'n', type: 'int', value: 7 },
        { name: 'none', type: 'null', value: null },
      ],
    };
    const seen = (name: string) => {
      const { fields, after } = here.routes.preview(name, given);
      return {
        lost: fields.filter(({ outcome }) => outcome !== 'kept').map(({ field, outcome }) => `${field} ${outcome}`),
        after: after?.attributes,
      };
    };
    expect(seen('r')).toEqual({
      lost: ['id dropped', 'n changed', 'none changed'],
      after: [
        { name: 'n', type: 'string', value: '7' },
        { name: 'none', type: 'string', value: 'null' },
      ],
    });
    expect(seen('t')).toEqual({
      lost: ['id dropped', 'priority dropped', 'timestamp dropped', 'n changed', 'none dropped'],
      after: [{ name: 'n', type: 'string', value: '7' }],
    });
  });

  it.each([
    ['mqtt', 'mqtt://h', 'queue://q@far', 'a remote of type mqtt has topic:// only'],
    ['stomp', 'stomp://h', 'sqs://q@far', 'a remote of type stomp has queue://, topic:// only'],
  ])('have the ends that %s has, and no others', (type, url, to, problem) => {
    const set = [
      `remotes={ far: { type: ${type}, url: "${url}" } }`,
      `routes=[{ name: r, from: queue://in, to: "${to}" }]`,
    ];
    expect(() => loadConfig({ set })).toThrow(problem);
  });
});
