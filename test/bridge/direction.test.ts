// How routes are checked, directed, and kept from going round.

import { describe, expect, it } from 'vitest';
import { shown } from '../../broker/bridge/examples.ts';
import { loadConfig } from '../../broker/config.ts';
import { message } from '../support/messages.ts';
import { world } from './world.ts';

const toQueue = (name: string) => ({ kind: 'queue', name }) as const;

function refusal(routes: string): string {
  try {
    loadConfig({ set: [`routes=${routes}`] });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'taken';
}

describe('the configuration', () => {
  it.each([
    [
      '[{name: a, from: queue://x, to: sqs://y}, {name: b, from: sqs://y, to: queue://x}]',
      'routes go in a circle: queue://x -(a)-> sqs://y, sqs://y -(b)-> queue://x',
    ],
    ['[{name: a, from: "topic://t.>", to: topic://t.x}]', 'routes go in a circle: topic://t.> -(a)-> topic://t.x'],
    ['[{name: a, from: queue://x, to: sqs://y.fifo}]', 'sqs://y.fifo needs a key'],
    ['[{name: a, from: queue://x, to: sqs://y, key: group}]', 'sqs://y takes no key'],
    ['[{name: a, from: queue://x, to: kinesis://y, key: "header:grupId"}]', 'no such header, did you mean groupId?'],
    ['[{name: a, from: queue://x, to: kinesis://y, key: "json:customer"}]', 'does not begin with $'],
    ['[{name: a, from: queue://x, to: sqs://y, when: {selector: "a ="}}]', 'selector'],
    ['[{name: a, from: queue://x, to: "queue://y.*"}]', 'wildcards cannot be written to'],
    [
      '[{name: a, from: queue://x, to: sqs://y}, {name: a, from: queue://z, to: sqs://y}]',
      'another route is named "a"',
    ],
  ])('%s is refused', (routes, words) => {
    expect(refusal(routes)).toContain(words);
  });
});

it('drains what is there, and then pauses', async () => {
  await using w = await world({
    queues: ['out'],
    routes: '[{name: r, from: queue://in, to: sqs://out, paused: true}]',
  });
  for (let i = 0; i < 10; i++) await w.broker.publish(toQueue('in'), message({ text: 'x' }));
  expect([w.route('r').state, w.broker.queue('in').readyCount]).toEqual(['paused', 10]);
  w.route('r').drain();
  await expect.poll(() => w.route('r').state).toBe('paused');
  expect(w.sqs('out').readyCount).toBe(10);
});

it('tries dead letters again, and leaves those that do not cross', async () => {
  await using w = await world({
    queues: ['out.fifo'],
    routes: '[{name: r, from: queue://in, to: sqs://out.fifo, key: group, deadLetter: queue://dead}]',
  });
  await w.broker.publish(toQueue('in'), message({ text: 'x' }));
  const dead = w.broker.queue('dead');
  await expect.poll(() => dead.readyCount).toBe(1);
  expect(await w.route('r').retryDead()).toBe(1);
  expect(dead.readyCount).toBe(1);
  await w.broker.publish(toQueue('in'), message({ text: 'y', groupId: 'g' }));
  await expect.poll(() => w.sqs('out.fifo').readyCount).toBe(1);
});

it('goes no faster than its rate', async () => {
  await using w = await world({ queues: ['out'], routes: '[{name: r, from: queue://in, to: sqs://out, rate: 20}]' });
  for (let i = 0; i < 10; i++) await w.broker.publish(toQueue('in'), message({ text: 'x' }));
  expect(w.sqs('out').readyCount).toBeLessThan(8);
  await expect.poll(() => w.sqs('out').readyCount).toBe(10);
});

describe('an example', () => {
  it.each([
    ['password', 'x', '(hidden)'],
    ['X-Api-Key', 'x', '(hidden)'],
    ['colour', 'red', 'red'],
    ['data', Buffer.alloc(7), '7 bytes'],
    ['long', 'é'.repeat(80), `${'é'.repeat(48)}…`],
  ])('of %s', (field, value, expected) => {
    expect(shown(field, value)).toBe(expected);
    expect(Buffer.byteLength(shown(field, value))).toBeLessThanOrEqual(100);
  });
});
