// A network that fails between a route and another broker: nothing is lost, what comes twice is counted, and each group is in
// its order.

import { describe, expect, it } from 'vitest';
import type { Queue } from '../../../broker/core/queue.ts';
import { message } from '../../support/messages.ts';
import { listening } from '../../protocols/listening.ts';
import { Random } from '../../crash/random.ts';
import { faultProxy } from './fault-proxy.ts';
import { near } from './near.ts';

const types = ['amqp', 'stomp', 'mqtt'] as const;
const groups = 5;
const count = 2000;
const seed = 20_261_121;

/** Of group `i % groups`, the message `i`. */
const sent = Array.from({ length: count }, (_, i) => message({ text: String(i), groupId: `g${i % groups}` }));

interface Outcome {
  readonly lost: number;
  readonly duplicates: number;
  /** Groups of which one message came for the first time before one that was sent earlier. */
  readonly disordered: number;
}

function judge(bodies: readonly number[]): Outcome {
  const first = [...new Set(bodies)];
  const disordered = Array.from({ length: groups }, (_, group) => first.filter((i) => i % groups === group)).filter(
    (ofGroup) => ofGroup.some((i, at) => at > 0 && i < ofGroup[at - 1]!),
  );
  return { lost: count - first.length, duplicates: bodies.length - first.length, disordered: disordered.length };
}

async function bodiesOf(queue: Queue): Promise<number[]> {
  return (await queue.browse(0, 100_000)).map(({ message: { body } }) => Number(body));
}

describe.each(types)('over %s, cut again and again', (type) => {
  const place = type === 'mqtt' ? 'topic' : 'queue';
  /** Bytes until the next cut: MQTT has fewer for the same messages. */
  const reach = type === 'mqtt' ? 10_000 : 60_000;

  it('a target gets all that is sent', async () => {
    await using far = await listening('any');
    await using proxy = await faultProxy(far.port);
    const random = new Random(seed);
    proxy.cutAfter = () => 2000 + Math.floor(random.next() * reach);
    await using seen = await near('topic://out', 'queue://out', { type, port: 1, base: far as never });
    await using here = await near('queue://in', `${place}://out@far`, { type, port: proxy.port });
    await here.publish('queue://in', sent);
    await expect.poll(() => here.route.transferred).toBe(count);
    const outcome = judge(await bodiesOf(far.broker.queue('out')));
    expect(outcome).toMatchObject({ lost: 0, disordered: 0 });
    expect(proxy.connections).toBeGreaterThan(3);
    expect(outcome.duplicates).toBeLessThan(proxy.connections * 1000);
    expect(here.base.broker.queue('dead').readyCount).toBe(0);
    void seen;
  });

  it('a source gives all that is there', async () => {
    await using far = await listening('any');
    await using proxy = await faultProxy(far.port);
    const random = new Random(seed + 1);
    proxy.cutAfter = () => 2000 + Math.floor(random.next() * 2 * reach);
    await using here = await near(`${place}://in@far`, 'queue://out', { type, port: proxy.port });
    if (place === 'topic') await expect.poll(() => far.broker.topics.match('in').length).toBe(1);
    for (const one of sent) await far.broker.publish({ kind: place, name: 'in' }, one);
    const there = async () => new Set(await bodiesOf(here.base.broker.queue('out'))).size;
    await expect.poll(there, { timeout: 20_000, interval: 200 }).toBe(count);
    const outcome = judge(await bodiesOf(here.base.broker.queue('out')));
    expect(outcome).toMatchObject({ lost: 0, disordered: 0 });
    expect(proxy.connections).toBeGreaterThan(3);
    // What has an id is known when it comes again.
    if (type === 'mqtt') expect(outcome.duplicates).toBeLessThan(count);
    else expect(outcome.duplicates).toBe(0);
  });
});

describe.each(types)('over %s, a broker that falls silent', (type) => {
  const place = type === 'mqtt' ? 'topic' : 'queue';

  it('is given up, and gets all once it is back', async () => {
    await using far = await listening('any');
    await using proxy = await faultProxy(far.port);
    await using here = await near('queue://in', `${place}://out@far`, {
      type,
      port: proxy.port,
      timing: { answerMs: 300, connectMs: 300 },
    });
    await using seen = await near('topic://out', 'queue://out', { type, port: 1, base: far as never });
    await here.publish('queue://in', sent.slice(0, 10));
    await expect.poll(() => here.route.transferred).toBe(10);
    proxy.hang();
    await here.publish('queue://in', sent.slice(10));
    await expect.poll(() => here.route.error).toMatch(/^far \(127\.0\.0\.1:\d+\): it does not answer/);
    const queue = here.base.broker.queue('in');
    await expect.poll(() => queue.inFlightCount).toBe(0);
    proxy.cut();
    proxy.resume();
    await expect.poll(() => here.route.transferred).toBe(count);
    expect(judge(await bodiesOf(far.broker.queue('out')))).toMatchObject({ lost: 0, disordered: 0 });
    void seen;
  });
});

describe.each(types)('over %s, a slow network', (type) => {
  const place = type === 'mqtt' ? 'topic' : 'queue';

  it('changes nothing but the time it takes', async () => {
    await using far = await listening('any');
    await using proxy = await faultProxy(far.port);
    proxy.delayMs = 10;
    await using seen = await near(`${place}://out@far`, 'queue://seen', { type, port: proxy.port });
    if (place === 'topic') await expect.poll(() => far.broker.topics.match('out').length).toBe(1);
    await using here = await near('queue://in', `${place}://out@far`, { type, port: proxy.port });
    // Each group goes one message at a time.
    const few = sent.slice(0, 200);
    await here.publish('queue://in', few);
    const arrived = seen.base.broker.queue('seen');
    await expect.poll(() => arrived.readyCount).toBe(few.length);
    expect(judge(await bodiesOf(arrived))).toEqual({ lost: count - few.length, duplicates: 0, disordered: 0 });
    expect(proxy.connections).toBe(2);
  });
});
