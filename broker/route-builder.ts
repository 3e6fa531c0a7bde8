// Makes the routes of one plan: which end of a route is what, here. With engine.ts and routes.ts the only file that knows
// bridges and clouds both.

import { brokerQueueSource, brokerTarget, topicSource } from './bridge/endpoints/broker.ts';
import { kinesisSource } from './bridge/endpoints/kinesis-source.ts';
import type { StreamStart } from './bridge/endpoints/kinesis-source.ts';
import { kinesisTarget } from './bridge/endpoints/kinesis-target.ts';
import { snsTarget } from './bridge/endpoints/sns.ts';
import { branchSource, sqsSource, sqsTarget } from './bridge/endpoints/sqs.ts';
import type { SqsEnd } from './bridge/endpoints/sqs.ts';
import { ClaimingSource } from './bridge/claim-check-source.ts';
import { checkingRemoteTarget, checkingTarget } from './bridge/claim-check-target.ts';
import type { ObjectStore } from './bridge/claim-check.ts';
import { dryTarget } from './bridge/dry-run.ts';
import { Replies } from './bridge/replies.ts';
import { Route } from './bridge/route.ts';
import type { RouteOptions } from './bridge/route-options.ts';
import { Splitter } from './bridge/splitter.ts';
import type { Branch } from './bridge/splitter.ts';
import type { RemoteTarget } from './bridge/remote.ts';
import type { Source } from './bridge/source.ts';
import type { Target } from './bridge/target.ts';
import { putWithin } from './cloud/kinesis/model/put-here.ts';
import type { Kinesis } from './cloud/kinesis/model/kinesis.ts';
import { topicHere } from './cloud/sns/model/publish-here.ts';
import type { RouteFeeds } from './cloud/sns/model/route-feeds.ts';
import type { Sns } from './cloud/sns/model/sns.ts';
import type { FifoDelivery } from './cloud/sqs/model/sending.ts';
import type { Sqs } from './cloud/sqs/model/sqs.ts';
import type { SqsQueue } from './cloud/sqs/model/sqs-queue.ts';
import type { Config } from './config.ts';
import { readEnd } from './config-ends.ts';
import type { Leg, RoutePlan } from './config-routes.ts';
import { parseAddress } from './core/address.ts';
import { mq } from './core/namespaces.ts';
import type { Queue } from './core/queue.ts';
import { foreignFields } from './protocols/amqp/message/foreign-fields.ts';
import type { RemoteEnds } from './remote-ends.ts';
import { sqsEnd } from './route-sqs-end.ts';
import { shadowOf } from './route-shadows.ts';
import type { ShadowsContext } from './route-shadows.ts';
import type { Clock } from './util/clock.ts';
import type { Log } from './util/log.ts';

export interface RouteBuilderContext {
  readonly config: Pick<Config, 'cloud' | 'deadLetter' | 'limits'>;
  readonly sqs: Sqs;
  readonly sns: Sns;
  readonly kinesis: Kinesis;
  /** Of claim checks in this engine. */
  readonly objects: ObjectStore;
  readonly fifo: FifoDelivery;
  readonly clock: Clock;
  readonly log: Log;
  /** What links in notifications begin with. */
  readonly origin: () => string;
}

/** What runs of one route of the configuration. */
export interface Built {
  readonly routes: Route[];
  /** Not started yet: every branch has its route first. */
  splitter: Splitter | undefined;
}

export class RouteBuilder {
  readonly #context: RouteBuilderContext;
  readonly #feeds: RouteFeeds;
  readonly #remoteEnds: RemoteEnds;
  /** Views of queues, made once: routes ask for every message. */
  readonly #ends = new WeakMap<SqsQueue, SqsEnd>();

  constructor(context: RouteBuilderContext, feeds: RouteFeeds, remoteEnds: RemoteEnds) {
    this.#context = context;
    this.#feeds = feeds;
    this.#remoteEnds = remoteEnds;
  }

  /** Starts them. What of it runs is in `built` even if the rest fails. @throws BrokerError as Store.write does. */
  async build(plan: RoutePlan, built: Built): Promise<void> {
    const { broker, clock } = { ...this.#context.sqs, clock: this.#context.clock };
    const { name, replies: wanted, legs } = plan;
    const replies = wanted && new Replies({ broker, clock, route: name, ...wanted });
    await replies?.start();
    const isSplit = plan.mode === 'move' && legs.length > 1 && ['queue', 'sqs'].includes(readEnd(plan.from).scheme);
    if (isSplit) built.splitter = this.#split(plan);
    for (const leg of legs) {
      const shadow = await shadowOf(plan, leg, this.#shadows, () => this.#source(plan, leg));
      const source = shadow?.source ?? (await this.#claimingSource(plan, leg, isSplit));
      // What the source itself leaves to others need not be looked at again.
      const isChosen = (shadow === undefined && leavesOthers(plan)) || usesSelector(plan, leg);
      const choice = isChosen ? undefined : leg.choice;
      const target = plan.mode === 'dry-run' ? dryTarget(this.#target(leg)) : this.#checkingTarget(leg);
      await this.#start(plan, leg.name, built, source, target, { ...leg, choice, replies, shadow });
    }
    if (replies === undefined || wanted === undefined) return;
    const back = repliesOf(name);
    const source = await this.#source({ ...plan, name: back, from: wanted.through }, undefined);
    await this.#start(plan, back, built, source, replies.target, {});
  }

  async #start(
    plan: RoutePlan,
    name: string,
    { routes }: Built,
    source: Source,
    target: Target | RemoteTarget,
    {
      key,
      choice,
      rate,
      onLoss = 'drop-field',
      replies,
      shadow,
    }: Partial<Leg> & Pick<RouteOptions, 'replies' | 'shadow'>,
  ): Promise<void> {
    const { clock, log, sqs } = this.#context;
    const route = new Route(
      {
        name,
        source,
        target,
        onLoss,
        key,
        choice,
        rate,
        replies,
        paused: plan.paused,
        deadLetter: () => this.#deadLetterQueue(plan, name),
        foreignFields,
        shadow,
      },
      { broker: sqs.broker, clock, log },
    );
    routes.push(route);
    await route.start();
  }

  /** That of the configuration, of the source's policy, or of all; of a shadow, one of its own. */
  #deadLetterQueue({ deadLetter, from, mode }: RoutePlan, route: string): Queue {
    const { sqs, config } = this.#context;
    const { broker } = sqs;
    if (deadLetter !== undefined) return broker.queue(parseAddress(deadLetter).name);
    if (mode === 'shadow') return broker.queue(`shadow.${route}.dead`);
    const { scheme, name, remote } = readEnd(from);
    const own =
      scheme === 'queue' && remote === undefined ? broker.find(mq, name)?.policy.deadLetter?.target() : undefined;
    return own ?? broker.queue(config.deadLetter.queue);
  }

  get #shadows(): ShadowsContext {
    const { sqs, clock, log, config } = this.#context;
    return { broker: sqs.broker, clock, log, location: config.cloud };
  }

  /** What takes bodies from where they were put, if the route says so. */
  async #claimingSource(plan: RoutePlan, leg: Leg, isSplit: boolean): Promise<Source> {
    const source = isSplit ? this.#branch(plan, leg) : await this.#source(plan, leg);
    const { claimCheck } = leg.rules;
    if (claimCheck === undefined || !hasAttributes(plan.from)) return source;
    const { sqs, config } = this.#context;
    return new ClaimingSource({
      source,
      claimCheck,
      objects: this.#objects(plan.from),
      mostBytes: config.limits.maxMessage,
      background: (work, what) => sqs.broker.background(work, what),
    });
  }

  #checkingTarget(leg: Leg): Target | RemoteTarget {
    const target = this.#target(leg);
    const { to, rules } = leg;
    if (rules.claimCheck === undefined || !hasAttributes(to)) return target;
    const objects = this.#objects(to);
    return 'send' in target
      ? checkingRemoteTarget(target, rules.claimCheck, objects)
      : checkingTarget(target, rules.claimCheck, objects);
  }

  /** Where the end is, its bodies are. */
  #objects(address: string): ObjectStore {
    const { remote } = readEnd(address);
    return remote === undefined ? this.#context.objects : this.#remoteEnds.objects(remote);
  }

  async #source(plan: RoutePlan, leg: Leg | undefined): Promise<Source> {
    const { sqs, clock, kinesis, config } = this.#context;
    const { broker } = sqs;
    const { from, start } = plan;
    const route = leg?.name ?? plan.name;
    const accepts = leg?.choice;
    const { scheme, name, remote } = readEnd(from);
    if (remote !== undefined) return this.#remoteEnds.source(from, route, startOf(start));
    switch (scheme) {
      case 'queue':
        return brokerQueueSource({ broker, clock, address: from, accepts });
      case 'topic':
        return topicSource({ broker, clock, address: from, route, selector: leg?.selector });
      case 'sqs':
        return sqsSource({ address: from, clock, accepts, find: () => this.#sqsEnd(name) });
      case 'sns':
        await this.#feeds.open(route, name);
        return sqsSource({ address: from, clock, find: () => this.#endOf(this.#feeds.find(route)) });
      case 'kinesis':
        return kinesisSource({
          broker,
          clock,
          route,
          address: from,
          start: startOf(start),
          find: () => {
            const stream = kinesis.streams.find(config.cloud, name);
            return stream?.isReadable === true ? stream.core : undefined;
          },
        });
    }
  }

  #target(leg: Leg): Target | RemoteTarget {
    const { sqs, sns, kinesis, clock, config, origin } = this.#context;
    const { account } = config.cloud;
    const { to, rules } = leg;
    const { scheme, name, remote } = readEnd(to);
    if (remote !== undefined) return this.#remoteEnds.target(to, rules);
    switch (scheme) {
      case 'queue':
      case 'topic':
        return brokerTarget({ broker: sqs.broker, address: to, rules });
      case 'sqs':
        return sqsTarget({ address: to, clock, account, rules, find: () => this.#sqsEnd(name) });
      case 'sns':
        return snsTarget({
          address: to,
          clock,
          account,
          rules,
          find: () => topicHere(sns, config.cloud, name, origin()),
        });
      case 'kinesis':
        return kinesisTarget({
          address: to,
          rules,
          find: () => {
            const stream = kinesis.streams.find(config.cloud, name);
            if (stream?.isReadable !== true) return undefined;
            return {
              stream: stream.core,
              maxBytes: stream.settings.maxRecordKiB * 1024,
              put: (transaction, record) => putWithin(transaction, stream, record),
            };
          },
        });
    }
  }

  #sqsEnd(name: string): SqsEnd | undefined {
    const { sqs, config } = this.#context;
    return this.#endOf(sqs.queues.find(config.cloud, name));
  }

  #endOf(queue: SqsQueue | undefined): SqsEnd | undefined {
    if (queue === undefined) return undefined;
    let end = this.#ends.get(queue);
    if (end === undefined) this.#ends.set(queue, (end = sqsEnd(queue, this.#context.fifo)));
    return end;
  }

  /** One queue, several targets: what comes is put into a queue for each, from which it goes at its own pace. */
  #split(plan: RoutePlan): Splitter {
    const { sqs, clock, log } = this.#context;
    const branches = plan.legs.map(({ name, choice }): Branch => ({ name, choice }));
    const all = branches.some(({ choice }) => choice === undefined);
    const accepts = all ? undefined : anyOf(branches);
    const { scheme, name, remote } = readEnd(plan.from);
    const source =
      remote !== undefined
        ? this.#remoteEnds.source(plan.from, plan.name, startOf(plan.start))
        : scheme === 'queue'
          ? brokerQueueSource({ broker: sqs.broker, clock, address: plan.from, accepts })
          : sqsSource({ address: plan.from, clock, accepts, find: () => this.#sqsEnd(name) });
    return new Splitter({ name: plan.name, source, branches }, { broker: sqs.broker, clock, log });
  }

  #branch({ from }: RoutePlan, { name }: Leg): Source {
    const { sqs, clock } = this.#context;
    return branchSource({ broker: sqs.broker, clock, address: from, branch: name, isSqs: from.startsWith('sqs://') });
  }
}

/** The route that brings the answers to what crossed another one. */
export function repliesOf(route: string): string {
  return `${route}.replies`;
}

function startOf(start: RoutePlan['start']): StreamStart {
  if (start === undefined || start === 'oldest') return 'oldest';
  return start === 'latest' ? start : Date.parse(start);
}

/** Whether messages there can say that their bodies are elsewhere. */
function hasAttributes(address: string): boolean {
  const { scheme } = readEnd(address);
  return scheme === 'sqs' || scheme === 'sns';
}

/** Queues keep what a route does not choose, for others. */
function leavesOthers({ from }: RoutePlan): boolean {
  const { scheme, remote } = readEnd(from);
  return remote === undefined && (scheme === 'queue' || scheme === 'sqs');
}

function usesSelector({ from }: RoutePlan, { selector }: Leg): boolean {
  return isTopicHere(from) && selector !== undefined;
}

export function isTopicHere(address: string): boolean {
  const { scheme, remote } = readEnd(address);
  return scheme === 'topic' && remote === undefined;
}

function anyOf(branches: readonly Branch[]): NonNullable<Leg['choice']> {
  return (message) => branches.some(({ choice }) => choice?.(message) === true);
}
