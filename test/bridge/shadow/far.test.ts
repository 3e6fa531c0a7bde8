// Shadows of production in the real AWS: a second engine plays it. What is received there is not seen here.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { message } from '../../support/messages.ts';
import { farAws } from '../remote/far-aws.ts';
import type { FarAws } from '../remote/far-aws.ts';
import { world } from '../world.ts';

const orders = { kind: 'queue', name: 'orders' } as const;

let far: FarAws;
beforeAll(async () => {
  far = await farAws();
});
afterAll(() => far[Symbol.asyncDispose]());

it('sends copies, and reports only that', async () => {
  await far.queue('shadow');
  await using test = await world({
    remotes: `{far: ${far.remote}}`,
    routes: '[{ name: s, from: queue://orders, to: sqs://shadow@far, mode: shadow }]',
  });
  for (const text of ['a', 'b', 'c']) await test.broker.publish(orders, message({ text, to: 'queue://orders' }));
  await expect.poll(() => test.route('s').transferred).toBe(3);
  expect(test.broker.queue('orders').readyCount).toBe(3);
  const found = await far.drain('shadow');
  expect(new Set(found.map(({ Body }) => Body))).toEqual(new Set(['a', 'b', 'c']));
  expect(found[0]?.MessageAttributes).toMatchObject({ 'causeway.path': { StringValue: expect.stringMatching(/^s@/) } });
  expect(test.route('s').shadow).toMatchObject({ mode: 'shadow', behind: 0, dropped: 0 });
  expect(test.route('s').shadow?.report()).toBeUndefined();
});

it('drops copies while it is away, and production notices nothing', async () => {
  await far.queue('away');
  await using test = await world({
    remotes: `{far: ${far.remote}}`,
    routes: '[{ name: s, from: queue://orders, to: sqs://away@far, mode: shadow, behind: 10 }]',
  });
  await far.proxy.refuse();
  for (let i = 0; i < 2000; i++) {
    await test.broker.publish(orders, message({ text: String(i), to: 'queue://orders' }));
  }
  await expect.poll(() => test.route('s').state).toBe('failed');
  await test.broker.publish(orders, message({ text: 'last', to: 'queue://orders' }));
  expect(test.route('s').shadow!.behind).toBeLessThanOrEqual(10);
  expect(test.route('s').shadow!.dropped).toBeGreaterThanOrEqual(1991);
  expect(test.broker.queue('orders').readyCount).toBe(2001);
  await far.proxy.listen();
  await expect.poll(() => test.route('s').transferred).toBe(10);
  expect(await far.drain('away')).toHaveLength(10);
});

it('runs dry without asking anybody', async () => {
  await using test = await world({
    remotes: '{nobody: {type: aws, endpoint: "http://127.0.0.1:1", credentials: {accessKeyId: a, secretAccessKey: b}}}',
    routes: '[{ name: d, from: queue://orders, to: sqs://orders@nobody, mode: dry-run }]',
  });
  for (const text of ['a', '']) await test.broker.publish(orders, message({ text, to: 'queue://orders' }));
  await expect.poll(() => [test.route('d').transferred, test.route('d').deadLettered]).toEqual([1, 1]);
  expect(test.route('d').state).toBe('running');
});
