// Messages that another broker refuses, or ends the connection on: dead letters with its words, and the others cross.

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Aedes } from 'aedes';
import { describe, expect, it } from 'vitest';
import { listening } from '../../protocols/listening.ts';
import { message } from '../../support/messages.ts';
import { near } from './near.ts';
import type { Near } from './near.ts';

async function reasons({ base }: Near): Promise<(string | undefined)[]> {
  return (await base.broker.queue('dead').browse(0, 10)).map(({ entry }) => entry.dead?.reason);
}

/** No scheduler of any broker reads it. */
const poison = message({
  text: 'poison',
  properties: [{ name: 'AMQ_SCHEDULED_CRON', type: 'string', value: 'every so often' }],
});
const around = (one: ReturnType<typeof message>) => [
  ...Array.from({ length: 50 }, (_, i) => message({ text: `before ${i}` })),
  one,
  ...Array.from({ length: 50 }, (_, i) => message({ text: `behind ${i}` })),
];

describe('a message that is refused', () => {
  it.each(['amqp', 'stomp'] as const)('over %s is a dead letter with the reason', async (type) => {
    await using far = await listening('any');
    await using here = await near('queue://in', 'queue://out@far', { type, port: far.port });
    await here.publish('queue://in', around(poison));
    await expect.poll(() => here.route.deadLettered).toBe(1);
    await expect.poll(() => here.route.transferred).toBe(100);
    expect(await reasons(here)).toEqual([expect.stringMatching(/^route r: .*cron.* attempts?\)$/i)]);
    expect(
      new Set((await far.broker.queue('out').browse(0, 1000)).map((found) => found.message.body.toString())).size,
    ).toBe(100);
  });

  it.each(['amqp', 'mqtt'] as const)(
    'over %s for its size, which the broker has told, is not even sent',
    async (type) => {
      await using far = await listening('any');
      const place = type === 'mqtt' ? 'topic' : 'queue';
      await using here = await near('queue://in', `${place}://out@far`, { type, port: far.port });
      await here.publish('queue://in', around(message({ body: Buffer.alloc(200 * 1024 * 1024), bodyType: 'bytes' })));
      await expect.poll(() => here.route.deadLettered).toBe(1);
      await expect.poll(() => here.route.transferred).toBe(100);
      expect(await reasons(here)).toEqual([expect.stringMatching(/at most/)]);
    },
  );

  it('over MQTT 5 for its payload is a dead letter', async () => {
    await using far = await listening('any');
    await using here = await near('queue://in', 'topic://out@far', { type: 'mqtt', port: far.port });
    await here.publish('queue://in', around(message({ body: Buffer.from([0xff]), bodyType: 'text' })));
    await expect.poll(() => here.route.deadLettered).toBe(1);
    await expect.poll(() => here.route.transferred).toBe(100);
    expect(await reasons(here)).toEqual(['route r: payload format invalid (0x99) (1 attempt)']);
  });
});

describe('a broker of MQTT 3.1.1', () => {
  it('that ends the connection on a message has it refused, and gets all others', async () => {
    const broker = await Aedes.createBroker();
    const taken: string[] = [];
    broker.authorizePublish = (_, { payload }, done) => {
      const text = payload.toString();
      if (text === 'poison') done(new Error('no'));
      else {
        taken.push(text);
        done(null);
      }
    };
    const server = createServer((socket) => broker.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await using here = await near('queue://in', 'topic://out@far', { type: 'mqtt', port });
    await here.publish(
      'queue://in',
      around(message({ text: 'poison', properties: [{ name: 'n', type: 'int', value: 7 }] })),
    );
    await expect.poll(() => here.route.deadLettered).toBe(1);
    await expect.poll(() => here.route.transferred).toBe(100);
    expect(await reasons(here)).toEqual([expect.stringContaining('the connection ended on it 5 times')]);
    expect(new Set(taken).size).toBe(100);
    expect([...new Set(taken)]).toEqual(
      around(poison)
        .map(({ body }) => body.toString())
        .filter((text) => text !== 'poison'),
    );
    // It speaks 3.1.1, and so the ledger has what that drops.
    expect(here.route.losses().map(({ field, outcome }) => `${field} ${outcome}`)).toContain('timestamp dropped');
    await here.close();
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    server.close();
  }, 60_000);
});
