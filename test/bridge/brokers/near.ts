// The near side of a route to or from another broker: a broker in memory, and a route of which one end is far away.

import { brokerQueueSource, brokerTarget, topicSource } from '../../../broker/bridge/endpoints/broker.ts';
import { usualTiming } from '../../../broker/bridge/endpoints/brokers/far-broker.ts';
import type { Timing } from '../../../broker/bridge/endpoints/brokers/far-broker.ts';
import { noRules } from '../../../broker/bridge/mapping.ts';
import type { MappingRules } from '../../../broker/bridge/mapping.ts';
import { Route } from '../../../broker/bridge/route.ts';
import type { Target } from '../../../broker/bridge/target.ts';
import type { RemoteBroker } from '../../../broker/config-remotes.ts';
import type { Message } from '../../../broker/core/message.ts';
import { farSource, farTarget } from '../../../broker/far-ends.ts';
import { foreignFields } from '../../../broker/protocols/amqp/message/foreign-fields.ts';
import { systemClock } from '../../../broker/util/clock.ts';
import type { Clock } from '../../../broker/util/clock.ts';
import { silent } from '../../../broker/util/log.ts';
import { testBroker } from '../../support/broker.ts';
import type { TestBroker } from '../../support/broker.ts';

/** Nothing is waited for as long as people would. */
export const quickTiming: Timing = {
  ...usualTiming,
  connectMs: 5000,
  answerMs: 5000,
  retry: { leastMs: 0, firstMs: 50, mostMs: 200 },
};

/** What waits for a second waits for a twentieth of that. */
const hastyClock: Clock = { ...systemClock, after: (ms, run) => systemClock.after(ms / 20, run) };

export interface NearOptions {
  readonly type: RemoteBroker['type'];
  readonly port: number;
  readonly broker?: Partial<RemoteBroker>;
  readonly timing?: Partial<Timing>;
  readonly rules?: Partial<MappingRules>;
  readonly onLoss?: 'drop-field' | 'dead-letter';
  /** A body that the target on this side does not take. */
  readonly refused?: string;
  readonly base?: TestBroker;
}

export interface Near extends AsyncDisposable {
  readonly base: TestBroker;
  readonly route: Route;
  publish(address: string, messages: readonly Message[]): Promise<void>;
  /** What a queue of this side holds. */
  held(name: string): Promise<readonly Message[]>;
  close(): Promise<void>;
}

export function remoteBroker({ type, port, broker }: Pick<NearOptions, 'type' | 'port' | 'broker'>): RemoteBroker {
  return {
    type,
    host: '127.0.0.1',
    port,
    username: undefined,
    password: undefined,
    tls: undefined,
    virtualHost: '127.0.0.1',
    ...broker,
  };
}

/** `from`, `to`: one of them is `…@far`. */
export async function near(from: string, to: string, options: NearOptions): Promise<Near> {
  const base = options.base ?? (await testBroker());
  const { broker } = base;
  const rules = { ...noRules, ...options.rules };
  const end = (address: string) => {
    const [, kind, name] = /^(queue|topic):\/\/(.+)@far$/.exec(address) ?? [];
    if (kind === undefined || name === undefined) return undefined;
    return {
      address,
      kind: kind === 'queue' ? ('queue' as const) : ('topic' as const),
      name,
      remote: 'far',
      broker: remoteBroker(options),
      clock: systemClock,
      log: silent,
      timing: { ...quickTiming, ...options.timing },
    };
  };
  const [source, target] = [end(from), end(to)];
  const here = { broker, clock: systemClock };
  const route = new Route(
    {
      name: 'r',
      source:
        source !== undefined
          ? farSource(source, 'r')
          : from.startsWith('topic:')
            ? topicSource({ ...here, address: from, route: 'r' })
            : brokerQueueSource({ ...here, address: from }),
      target:
        target === undefined
          ? refusing(brokerTarget({ broker, address: to, rules }), options.refused)
          : farTarget(target, rules),
      onLoss: options.onLoss ?? 'drop-field',
      deadLetter: () => broker.queue('dead'),
      foreignFields,
    },
    { broker, clock: hastyClock, log: silent },
  );
  await route.start();
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    route.close();
    if (options.base === undefined) await base[Symbol.asyncDispose]();
  };
  return {
    base,
    route,
    publish: async (address, messages) => {
      const [kind = '', name = ''] = address.split('://');
      for (const message of messages) {
        await broker.publish({ kind: kind === 'topic' ? 'topic' : 'queue', name }, message);
      }
    },
    held: async (name) => (await broker.queue(name).browse(0, 100_000)).map(({ message }) => message),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function refusing(target: Target, refused: string | undefined): Target {
  return {
    ...target,
    map: (message, crossing, notes) => {
      if (message.body.toString() !== refused) return target.map(message, crossing, notes);
      notes.note('body', 'refused', 'the target does not like it');
      return undefined;
    },
  };
}
