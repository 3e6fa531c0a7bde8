// What every broker has to be able to do at the far end of a route, whatever it is.

import { expect } from 'vitest';
import type { RemoteBroker } from '../../../broker/config-remotes.ts';
import type { Message } from '../../../broker/core/message.ts';
import { message } from '../../support/messages.ts';
import { near } from './near.ts';

export interface Far {
  readonly type: RemoteBroker['type'];
  readonly port: number;
  readonly broker?: Partial<RemoteBroker>;
}

const count = 1000;
/** An answer that is given up comes all the same, and what was asked for is there twice. */
const patient = { connectMs: 20_000, answerMs: 20_000 };

export function texts(messages: readonly Message[]): string[] {
  return messages.map(({ body }) => body.toString());
}

export function numbers(prefix = ''): string[] {
  return Array.from({ length: count }, (_, i) => prefix + String(i));
}

/** Through the far broker and back, all of it in its order. Resolves with what came back. */
export async function thereAndBack(
  given: Far,
  place: string,
  from: string,
  fields: Partial<Message> = {},
): Promise<readonly Message[]> {
  const far = { ...given, timing: patient };
  await using back = await near(`${from}@far`, 'queue://out', far);
  await using there = await near('queue://in', `${place}@far`, far);
  // A topic keeps nothing for who has not subscribed: the first message that comes back says that it has.
  const out = back.base.broker.queue('out');
  await expect
    .poll(
      async () => {
        if (place.startsWith('topic') && out.readyCount === 0) await there.publish('queue://in', [probe]);
        return out.readyCount > 0 || place.startsWith('queue');
      },
      { interval: 300 },
    )
    .toBe(true);
  await there.publish(
    'queue://in',
    numbers().map((text) => message({ text, ...fields })),
  );
  const arrived = async (): Promise<readonly Message[]> =>
    (await back.held('out')).filter(({ body }) => body.toString() !== 'probe');
  await expect.poll(async () => (await arrived()).length).toBe(count);
  const messages = await arrived();
  expect(texts(messages)).toEqual(numbers());
  expect([there.route.state, back.route.state]).toEqual(['running', 'running']);
  return messages;
}

const probe = message({ text: 'probe' });

/** What is published while nobody takes it is there for who comes again. */
export async function keepsForSubscriber(given: Far, place: string, from: string): Promise<void> {
  await thereAndBack(given, place, from);
  const far = { ...given, timing: patient };
  await using there = await near('queue://in', `${place}@far`, far);
  await there.publish(
    'queue://in',
    numbers('late ').map((text) => message({ text })),
  );
  await expect.poll(() => there.route.transferred).toBe(count);
  await using back = await near(`${from}@far`, 'queue://out', far);
  const late = async (): Promise<string[]> => texts(await back.held('out')).filter((text) => text.startsWith('late'));
  await expect.poll(async () => (await late()).length).toBe(count);
  expect(await late()).toEqual(numbers('late '));
}
