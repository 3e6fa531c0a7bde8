// A source at another broker gives messages as long as they are asked for, holds few, and lets others have them else.

import { describe, expect, it } from 'vitest';
import { listening } from '../../protocols/listening.ts';
import { message } from '../../support/messages.ts';
import { near } from './near.ts';

const types = ['amqp', 'stomp', 'mqtt'] as const;
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

describe.each(types)('over %s', (type) => {
  const kind = type === 'mqtt' ? 'topic' : 'queue';

  it('holds no more than its window while the route takes nothing, and then lets go', async () => {
    await using far = await listening('any');
    await using here = await near(`${kind}://in@far`, 'queue://out', {
      type,
      port: far.port,
      timing: { holdMs: 300 },
    });
    if (kind === 'topic') await expect.poll(() => far.broker.topics.match('in').length).toBe(1);
    here.route.pause();
    for (const text of numbers(3000)) await far.broker.publish({ kind, name: 'in' }, message({ text }));
    const queue = kind === 'queue' ? far.broker.queue('in') : undefined;
    if (queue !== undefined) {
      expect(queue.inFlightCount).toBeLessThanOrEqual(1000);
      await expect.poll(() => queue.readyCount).toBe(3000);
    }
    await expect.poll(() => far.peers.length).toBe(1);
    await far.ended(1);
    here.route.resume();
    const out = here.base.broker.queue('out');
    await expect.poll(() => out.readyCount).toBe(3000);
    expect((await here.held('out')).map(({ body }) => body.toString())).toEqual(numbers(3000));
  });

  it('holds few of those that are large', async () => {
    await using far = await listening('any');
    await using here = await near(`${kind}://in@far`, 'queue://out', { type, port: far.port });
    if (kind === 'topic') await expect.poll(() => far.broker.topics.match('in').length).toBe(1);
    here.route.pause();
    const body = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 80; i++) {
      await far.broker.publish({ kind, name: 'in' }, message({ id: `m${i}`, body, bodyType: 'bytes' }));
    }
    // 32 MiB, and what is on the way.
    if (kind === 'queue') expect(far.broker.queue('in').inFlightCount).toBeLessThan(60);
    here.route.resume();
    await expect.poll(() => here.base.broker.queue('out').readyCount).toBe(80);
  });

  it('is drained: takes what is there, and pauses', async () => {
    await using far = await listening('any');
    await using here = await near(`${kind}://in@far`, 'queue://out', { type, port: far.port });
    if (kind === 'topic') await expect.poll(() => far.broker.topics.match('in').length).toBe(1);
    for (const text of numbers(50)) await far.broker.publish({ kind, name: 'in' }, message({ text }));
    here.route.drain();
    await expect.poll(() => here.route.state).toBe('paused');
    expect(here.base.broker.queue('out').readyCount).toBe(50);
  });

  it('has what the route refuses as a dead letter, once', async () => {
    await using far = await listening('any');
    await using here = await near(`${kind}://in@far`, 'queue://out', {
      type,
      port: far.port,
      refused: 'bad',
    });
    if (kind === 'topic') await expect.poll(() => far.broker.topics.match('in').length).toBe(1);
    await far.broker.publish({ kind, name: 'in' }, message({ text: 'bad' }));
    await far.broker.publish({ kind, name: 'in' }, message({ text: 'good' }));
    await expect.poll(() => here.base.broker.queue('out').readyCount).toBe(1);
    await expect.poll(() => here.base.broker.queue('dead').readyCount).toBe(1);
    const [dead] = await here.base.broker.queue('dead').browse(0, 1);
    expect(dead?.entry.dead).toMatchObject({
      reason: expect.stringContaining('the target does not like it'),
      origin: `${kind}://in@far`,
    });
    if (kind === 'queue') {
      const queue = far.broker.queue('in');
      await expect.poll(() => queue.readyCount + queue.inFlightCount).toBe(0);
    }
  });
});
