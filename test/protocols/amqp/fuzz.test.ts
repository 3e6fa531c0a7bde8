// Whole conversations, mutated from a fixed seed and played to a broker: every one ends in the protocol's terms or goes
// on, no fault of ours is logged, and nothing of it stays.

import { duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { AmqpDialect } from '../../../broker/protocols/amqp/dialect.ts';
import { FrameWriter } from '../../../broker/protocols/amqp/codec/frame-writer.ts';
import { symbol } from '../../../broker/protocols/amqp/codec/value.ts';
import { silent, type Log } from '../../../broker/util/log.ts';
import { testBroker } from '../../support/broker.ts';
import { hex } from './codec/bytes.ts';
import { Mutator } from './codec/mutator.ts';
import { until } from './fixture.ts';
import { headers, terminus } from './raw-peer.ts';
import { fuzzTest } from '../../support/fuzz.ts';

/** Conversations under way at the same time. */
const atOnce = 100;
/** By how much the process may have grown, in octets. */
const allowedGrowth = 256 * 1024 * 1024;

const [opening, conversation] = (() => {
  const writer = new FrameWriter(4096);
  const flow = { incomingWindow: 100, nextOutgoingId: 0, outgoingWindow: 100 };
  writer.header(hex(headers.sasl));
  writer.sasl('saslInit', { mechanism: 'PLAIN', initialResponse: Buffer.from('\0ann\0secret') });
  writer.header(hex(headers.amqp));
  writer.frame(0, 'open', { containerId: 'fuzz', maxFrameSize: 4096, idleTimeOut: 60_000 });
  writer.frame(0, 'begin', { nextOutgoingId: 0, incomingWindow: 100, outgoingWindow: 100 });
  const begun = writer.length;
  writer.frame(0, 'attach', {
    name: 's',
    handle: 0,
    role: false,
    source: terminus('source', 'here'),
    target: terminus('target', 'fuzz'),
    initialDeliveryCount: 0,
  });
  writer.frame(0, 'attach', { name: 'r', handle: 1, role: true, source: terminus('source', 'fuzz') });
  writer.frame(0, 'attach', { name: 't', handle: 2, role: true, source: terminus('source', 'topic://fuzz.*') });
  const shared = { ...terminus('source', 'topic://fuzz.>'), capabilities: ['topic', 'shared'] };
  writer.frame(0, 'attach', { name: 'n|volatile1', handle: 3, role: true, source: shared });
  const browsed = { ...terminus('source', 'fuzz'), distributionMode: 'copy' };
  writer.frame(0, 'attach', { name: 'b', handle: 4, role: true, source: browsed });
  const dynamic = { ...terminus('source', undefined), dynamic: true };
  writer.frame(0, 'attach', { name: 'd', handle: 5, role: true, source: dynamic });
  writer.frame(0, 'attach', {
    name: 'c',
    handle: 6,
    role: false,
    target: { kind: 'coordinator', capabilities: ['amqp:local-transactions'] },
    initialDeliveryCount: 0,
  });
  writer.frame(0, 'flow', { ...flow, handle: 1, deliveryCount: 0, linkCredit: 10, echo: true });
  writer.frame(0, 'flow', { ...flow, handle: 4, deliveryCount: 0, linkCredit: 10, drain: true });
  writer.frame(0, 'flow', { ...flow, handle: 2, deliveryCount: 0, linkCredit: 10, drain: true });
  const tag = hex('01');
  const message = hex(
    '00 53 70 c0 02 01 41 00 53 73 c0 04 01 a1 01 69 00 53 74 c1 06 02 a10161 5401 00 53 77 a1 02 6869',
  );
  writer.transfer(0, { handle: 0, deliveryId: 0, deliveryTag: tag, messageFormat: 0, more: true }, [
    message.subarray(0, 9),
  ]);
  writer.transfer(0, { handle: 0 }, [message.subarray(9)]);
  writer.transfer(0, { handle: 0, deliveryId: 1, deliveryTag: tag, messageFormat: 0, settled: true }, [message]);
  // The first transaction of a connection has the identifier 00000001.
  const txnId = hex('00000001');
  const state = { kind: 'transactionalState', txnId, outcome: undefined } as const;
  writer.transfer(0, { handle: 6, deliveryId: 2, deliveryTag: tag, messageFormat: 0 }, [hex('00 53 77 00 53 31 45')]);
  const within = (id: Buffer) => [[symbol('txn-id'), { type: 'binary', value: id }]] as const;
  writer.frame(0, 'flow', { ...flow, handle: 1, deliveryCount: 0, linkCredit: 11, properties: within(txnId) });
  writer.transfer(0, { handle: 0, deliveryId: 3, deliveryTag: tag, messageFormat: 0, state }, [message]);
  const outcome = { kind: 'accepted' } as const;
  writer.frame(0, 'disposition', { role: true, first: 0, settled: true, state: { ...state, outcome } });
  writer.transfer(0, { handle: 6, deliveryId: 4, deliveryTag: tag, messageFormat: 0 }, [
    hex('00 53 77 00 53 32 c0 08 02 a0 04 00000001 42'),
  ]);
  // And one more, which is rolled back with what was acquired in it.
  const other = hex('00000002');
  writer.transfer(0, { handle: 6, deliveryId: 5, deliveryTag: tag, messageFormat: 0 }, [hex('00 53 77 00 53 31 45')]);
  writer.frame(0, 'flow', { ...flow, handle: 1, deliveryCount: 0, linkCredit: 20, properties: within(other) });
  writer.transfer(0, { handle: 0, deliveryId: 6, deliveryTag: tag, messageFormat: 0 }, [message]);
  writer.transfer(0, { handle: 6, deliveryId: 7, deliveryTag: tag, messageFormat: 0 }, [
    hex('00 53 77 00 53 32 c0 08 02 a0 04 00000002 41'),
  ]);
  const messageAnnotations = [[symbol('x-opt-a'), { type: 'uint', value: 1 }]] as const;
  const modified = {
    kind: 'modified',
    deliveryFailed: true,
    undeliverableHere: undefined,
    messageAnnotations,
  } as const;
  writer.frame(0, 'disposition', { role: true, first: 1, settled: true, state: modified });
  writer.frame(0, 'disposition', { role: true, first: 0, last: 1, settled: true, state: { kind: 'accepted' } });
  writer.frame(0, 'detach', { handle: 2, closed: true });
  writer.frame(0, 'end', {});
  writer.frame(0, 'close', {});
  const all = writer.takeCopy();
  return [all.subarray(0, begun), all] as const;
})();

fuzzTest('conversations', { cases: 10_000, seed: 0x5eed0a3c }, async ({ cases, seed }) => {
  const faults: object[] = [];
  const log: Log = { ...silent, error: (details) => void faults.push(details), child: () => log };
  await using engine = await testBroker({ log });
  const dialect = new AmqpDialect({ ...engine.context, log });
  const mutator = new Mutator(seed);
  const before = process.memoryUsage().rss;
  let answers = 0;

  async function play(octets: Buffer): Promise<void> {
    const [client, server] = duplexPair();
    client.on('error', () => undefined);
    client.on('data', () => answers++);
    const over = new Promise<void>((resolve) => void server.once('close', resolve));
    dialect.accept(server, { address: 'fuzz', anonymous: true });
    // In two pieces, so that frames are also cut within.
    const at = mutator.below(octets.length);
    client.write(octets.subarray(0, at));
    // And sometimes with time between them, in which what was sent is stored and comes back.
    for (let turns = mutator.below(4) === 0 ? 6 : 0; turns > 0; turns--) await setImmediate();
    client.write(octets.subarray(at));
    client.end();
    await over;
  }

  const anywhere = () => mutator.mutate(conversation);
  const withinSession = () => Buffer.concat([opening, mutator.mutate(conversation.subarray(opening.length))]);

  await play(conversation);
  expect(engine.broker.received).toBe(4);
  for (let done = 0; done < cases; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, i) => play(i % 2 === 0 ? anywhere() : withinSession())));
    // Streams in memory leave the event loop no time for what is to be done at the end of a turn.
    await setImmediate();
    // What was sent is there by right.
    if (done % 500 === 0) for (const queue of engine.broker.queues()) await queue.purge();
  }
  await dialect.close();
  await until(() => engine.context.clients.size === 0);

  expect(faults).toEqual([]);
  expect(answers).toBeGreaterThan(cases);
  expect(engine.broker.received).toBeGreaterThan(cases / 10);
  expect(engine.broker.topics.subscriptionCount).toBe(Array.from(engine.broker.subscriptions).length);
  expect(Array.from(engine.broker.queues('temporary'))).toEqual([]);
  for (const queue of engine.broker.queues()) expect(queue.consumerCount + queue.inFlightCount).toBe(0);
  expect(process.memoryUsage().rss - before).toBeLessThan(allowedGrowth);
});
