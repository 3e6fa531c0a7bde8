// Another engine as the other broker, over each protocol, both ways.

import { describe, expect, it } from 'vitest';
import { listening } from '../../protocols/listening.ts';
import { message } from '../../support/messages.ts';
import { near } from './near.ts';

const types = ['amqp', 'mqtt', 'stomp'] as const;
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));
const texts = (messages: readonly { readonly body: Buffer }[]): string[] => messages.map(({ body }) => body.toString());

describe.each(types.filter((type) => type !== 'mqtt'))('a queue over %s', (type) => {
  it('takes what a route sends, in its order', async () => {
    await using far = await listening('any');
    await using here = await near('queue://in', 'queue://out@far', { type, port: far.port });
    await here.publish(
      'queue://in',
      numbers(500).map((text) => message({ text })),
    );
    await expect.poll(() => far.broker.queue('out').readyCount).toBe(500);
    expect(texts((await far.broker.queue('out').browse(0, 1000)).map(({ message: one }) => one))).toEqual(numbers(500));
    await expect
      .poll(() => here.base.broker.queue('in').readyCount + here.base.broker.queue('in').inFlightCount)
      .toBe(0);
    expect(here.route.transferred).toBe(500);
  });

  it('gives what a route takes, in its order', async () => {
    await using far = await listening('any');
    await using here = await near('queue://in@far', 'queue://out', { type, port: far.port });
    for (const text of numbers(2500)) await far.broker.publish({ kind: 'queue', name: 'in' }, message({ text }));
    await expect.poll(() => here.base.broker.queue('out').readyCount).toBe(2500);
    expect(texts(await here.held('out'))).toEqual(numbers(2500));
    await expect.poll(() => far.broker.queue('in').readyCount + far.broker.queue('in').inFlightCount).toBe(0);
  });
});

describe.each(types)('a topic over %s', (type) => {
  it('takes what a route sends, in its order', async () => {
    await using far = await listening('any');
    await using here = await near('queue://in', 'topic://out.a@far', { type, port: far.port });
    await using there = await near('topic://out.>', 'queue://seen', { type, port: 1, base: far as never });
    await here.publish(
      'queue://in',
      numbers(500).map((text) => message({ text })),
    );
    await expect.poll(() => far.broker.queue('seen').readyCount).toBe(500);
    expect(texts(await there.held('seen'))).toEqual(numbers(500));
    expect(here.route.transferred).toBe(500);
  });

  it('gives what a route takes, in its order, and keeps it while the route is away', async () => {
    await using far = await listening('any');
    const first = await near('topic://in.>@far', 'queue://out', { type, port: far.port });
    await expect
      .poll(() => [...far.broker.subscriptions].length + far.broker.topics.match('in.a').length)
      .toBeGreaterThan(0);
    for (const text of numbers(300)) await far.broker.publish({ kind: 'topic', name: 'in.a' }, message({ text }));
    await expect.poll(() => first.base.broker.queue('out').readyCount).toBe(300);
    first.route.close();
    const late = numbers(300).map((text) => `b${text}`);
    for (const text of late) await far.broker.publish({ kind: 'topic', name: 'in.b' }, message({ text }));
    await using again = await near('topic://in.>@far', 'queue://out', { type, port: far.port, base: first.base });
    await expect.poll(() => again.base.broker.queue('out').readyCount).toBe(600);
    const held = await again.held('out');
    expect(texts(held)).toEqual([...numbers(300), ...late]);
    await first.base[Symbol.asyncDispose]();
  });
});
