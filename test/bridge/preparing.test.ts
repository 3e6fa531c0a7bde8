// Targets that need time for some messages: several are prepared at once, and all are there in their order.

import { expect, it } from 'vitest';
import { snsTarget } from '../../broker/bridge/endpoints/sns.ts';
import { noRules, silent } from '../../broker/bridge/mapping.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { message } from '../support/messages.ts';
import { memoryObjects } from './claim-check-objects.ts';
import { location, world } from './world.ts';

it('keeps the order of messages, and of their notes, whichever is prepared first', async () => {
  const objects = memoryObjects();
  const waiting: (() => void)[] = [];
  // Four at once, the last first: who waits for one before the next is begun, waits forever.
  const put: typeof objects.put = async (bucket, key, body) => {
    await new Promise<void>((resolve) => {
      waiting.unshift(resolve);
      if (waiting.length === 4) for (const go of waiting.splice(0)) go();
    });
    await objects.put(bucket, key, body);
  };
  await using w = await world({
    queues: ['out'],
    objects: { ...objects, put },
    routes: '[{name: r, from: queue://in, to: sqs://out, paused: true, claimCheck: {bucket: bodies, over: 100}}]',
  });
  const numbers = Array.from({ length: 12 }, (_, index) => String(index));
  for (const value of numbers) {
    const text = Number(value) % 3 === 0 ? 'x'.repeat(200) : 'small';
    const properties = [{ name: 'number', type: 'string', value }] as const;
    await w.broker.publish({ kind: 'queue', name: 'in' }, message({ text, properties }));
  }
  w.route('r').resume();
  await expect.poll(() => w.sqs('out').readyCount).toBe(12);
  const found = await w.messages(w.sqs('out'));
  expect(found.map(({ properties }) => properties.find(({ name }) => name === 'number')?.value)).toEqual(numbers);
  const bodies = w
    .route('r')
    .ledger()
    .filter(({ field }) => field === 'body');
  expect(Object.fromEntries(bodies.map(({ outcome, count }) => [outcome, count]))).toEqual({ moved: 4, kept: 8 });
});

it.each([
  ['deleted', false],
  ['deleted and made again', true],
])('loses nothing, and buries nothing, when its queue is %s meanwhile', async (_, isMadeAtOnce) => {
  const objects = memoryObjects();
  const { promise: isPutting, resolve: putting } = Promise.withResolvers<void>();
  const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
  const put: typeof objects.put = async (bucket, key, body) => {
    putting();
    await mayGoOn;
    await objects.put(bucket, key, body);
  };
  await using w = await world({
    queues: ['out'],
    objects: { ...objects, put },
    routes: '[{name: r, from: queue://in, to: sqs://out, paused: true, claimCheck: {bucket: bodies, over: 100}}]',
  });
  // So many that some are mapped only when others are prepared, small ones first.
  const texts = Array.from({ length: 40 }, (_one, index) => `${index} ${index < 3 ? '' : 'x'.repeat(200)}`);
  for (const text of texts) await w.broker.publish({ kind: 'queue', name: 'in' }, message({ text }));
  w.route('r').resume();
  await isPutting;
  await w.queues.delete(w.queues.find(location, 'out')!);
  if (isMadeAtOnce) await w.queues.create(location, 'out');
  goOn();
  await expect.poll(() => w.route('r').state).toBe('failed');
  if (!isMadeAtOnce) await w.queues.create(location, 'out');
  await expect.poll(() => w.queues.find(location, 'out')?.core.readyCount).toBe(40);
  const found = (await w.messages(w.sqs('out'))).map(({ body }) => body.toString());
  expect(found.slice(0, 3)).toEqual(texts.slice(0, 3));
  expect([w.route('r').transferred, w.route('r').deadLettered, w.broker.queue('in').readyCount]).toEqual([40, 0, 0]);
});

it('gives back what is to go to a topic that was deleted meanwhile', () => {
  const end = { maxBytes: 1000, gate: undefined, prepare: () => () => undefined };
  let isThere = true;
  const find = () => (isThere ? end : undefined);
  const target = snsTarget({ address: 'sns://t', clock: systemClock, account: '1', rules: noRules, find });
  const crossing = { death: undefined, key: undefined, path: undefined };
  const mapped = target.map(message({ text: 'one' }), crossing, silent)!;
  isThere = false;
  // Passing trouble, and no refusal: the message is not to blame.
  expect(() => target.prepare?.(mapped, { identity: () => 'one' })).toThrow(
    expect.objectContaining({ code: 'closed', message: 'sns://t does not exist' }),
  );
});
