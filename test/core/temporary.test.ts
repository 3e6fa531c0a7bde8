import { expect, it } from 'vitest';
import { message } from '../support/messages.ts';
import { testBroker } from '../support/broker.ts';
import { subscribe } from './subscriber.ts';

const owner = { clientId: 'owner' };

it.each(['temp-queue', 'temp-topic'] as const)(
  'a %s takes messages of all, and gives them to its owner only',
  async (kind) => {
    await using test = await testBroker();
    const reply = test.broker.temporary.create(kind, owner);
    const got = subscribe(test.broker, reply, { publisher: owner });
    await test.broker.publish(reply, message({ text: 'x' }));
    expect(got.bodies).toEqual(['x']);
    expect(() => subscribe(test.broker, reply)).toThrow(/another connection's/);
  },
);

it.each(['temp-queue', 'temp-topic'] as const)('a %s is gone with its connection', async (kind) => {
  await using test = await testBroker();
  const reply = test.broker.temporary.create(kind, owner);
  const { subscriber } = subscribe(test.broker, reply, { publisher: owner });
  expect(() => test.broker.temporary.delete(reply, owner)).toThrow(/has consumers/);
  subscriber.close();
  test.broker.temporary.leave(owner);
  expect(() => test.broker.publish(reply, message())).toThrow(/does not exist/);
  expect(() => subscribe(test.broker, reply, { publisher: owner })).toThrow(/does not exist/);
});

it('one can be deleted by its owner', async () => {
  await using test = await testBroker();
  const reply = test.broker.temporary.create('temp-queue', owner);
  expect(() => test.broker.temporary.delete(reply, { clientId: 'owner' })).toThrow(/another connection's/);
  test.broker.temporary.delete(reply, owner);
  expect(() => test.broker.temporary.delete(reply, owner)).toThrow(/does not exist/);
});

it('no wildcard takes what is sent to a temporary topic', async () => {
  await using test = await testBroker();
  const all = subscribe(test.broker, { kind: 'topic', name: '>' });
  await test.broker.publish(test.broker.temporary.create('temp-topic', owner), message({ text: 'x' }));
  expect(all.bodies).toEqual([]);
});
