// Puts routes together from the configuration: which end of a route is what, here. With engine.ts the only file that knows
// bridges and clouds both.

import { brokerQueueSource, brokerTarget, routeClient, topicSource } from './bridge/endpoints/broker.ts';
import { kinesisSource } from './bridge/endpoints/kinesis-source.ts';
import type { StreamStart } from './bridge/endpoints/kinesis-source.ts';
import { kinesisTarget } from './bridge/endpoints/kinesis-target.ts';
import { snsTarget } from './bridge/endpoints/sns.ts';
import { branchSource, sqsSource, sqsTarget } from './bridge/endpoints/sqs.ts';
import type { SqsEnd } from './bridge/endpoints/sqs.ts';
import { preview } from './bridge/preview.ts';
import type { GivenMessage, Preview, PreviewedRoute } from './bridge/preview.ts';
import { ClaimingSource } from './bridge/claim-check-source.ts';
import { checkingRemoteTarget, checkingTarget } from './bridge/claim-check-target.ts';
import type { ObjectStore } from './bridge/claim-check.ts';
import { dryTarget } from './bridge/dry-run.ts';
import { Replies } from './bridge/replies.ts';
import { Route } from './bridge/route.ts';
import type { RouteOptions } from './bridge/route-options.ts';
import { isCopy } from './bridge/shadow-source.ts';
import { branchNamespace, Splitter } from './bridge/splitter.ts';
import type { Branch } from './bridge/splitter.ts';
import type { RemoteTarget } from './bridge/remote.ts';
import type { Source } from './bridge/source.ts';
import type { Target } from './bridge/target.ts';
import { encryptedMark, plainMark } from './cloud/kinesis/model/marks.ts';
import type { Kinesis } from './cloud/kinesis/model/kinesis.ts';
import { topicHere } from './cloud/sns/model/publish-here.ts';
import { RouteFeeds } from './cloud/sns/model/route-feeds.ts';
import type { Sns } from './cloud/sns/model/sns.ts';
import type { FifoDelivery } from './cloud/sqs/model/sending.ts';
import type { Sqs } from './cloud/sqs/model/sqs.ts';
import type { SqsQueue } from './cloud/sqs/model/sqs-queue.ts';
import type { Config } from './config.ts';
import type { Remotes } from './config-remotes.ts';
import { readEnd } from './config-ends.ts';
import { planOf } from './config-routes.ts';
import type { Leg, RoutePlan } from './config-routes.ts';
import { parseAddress } from './core/address.ts';
import { BrokerError } from './core/errors.ts';
import { mq } from './core/namespaces.ts';
import type { Queue } from './core/queue.ts';
import { foreignFields } from './protocols/amqp/message/foreign-fields.ts';
import { RemoteEnds } from './remote-ends.ts';
import { forgetShadows, shadowOf } from './route-shadows.ts';
import type { ShadowsContext } from './route-shadows.ts';
import type { Clock } from './util/clock.ts';
import type { Log } from './util/log.ts';

export interface RoutesContext {
  readonly config: Pick<Config, 'cloud' | 'remotes' | 'routes' | 'deadLetter' | 'limits'>;
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

export class Routes {
  readonly #context: RoutesContext;
  readonly #feeds: RouteFeeds;
  readonly #remoteEnds: RemoteEnds;
  readonly #all: Route[] = [];
  readonly #splitters: Splitter[] = [];
  /** Views of queues, made once: routes ask for every message. */
  readonly #ends = new WeakMap<SqsQueue, SqsEnd>();

  constructor(context: RoutesContext) {
    this.#context = context;
    const { sns, sqs, clock, log, config } = context;
    this.#feeds = new RouteFeeds({ sns, queues: sqs.queues, location: config.cloud, clock, log });
    this.#remoteEnds = new RemoteEnds({ remotes: config.remotes, broker: sqs.broker, clock, log });
  }

  get all(): readonly Route[] {
    return this.#all;
  }

  /** @throws BrokerError as Store.write does. */
  async start(): Promise<void> {
    const plans = this.#context.config.routes.map((route) => planOf(route));
    await forgetShadows(this.#context.sqs.broker, plans);
    // What a route moves out of a queue, or into it, its shadows are to see.
    const shadowsFirst = [...plans].sort((a, b) => Number(a.mode === 'move') - Number(b.mode === 'move'));
    for (const plan of shadowsFirst) await this.#open(plan);
    await this.#forgetOthers(plans);
    for (const splitter of this.#splitters) await splitter.start();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    for (const splitter of this.#splitters) splitter.close();
    for (const route of this.#all) route.close();
    await this.#remoteEnds.close();
    await this.#feeds.close();
  }

  /** @throws BrokerError `not-found`; `invalid` for a message that is none. */
  preview(name: string, message: GivenMessage): Preview {
    const found = previewable(this.#context.config).find((route) => route.name === name);
    if (found === undefined) throw new BrokerError('not-found', `no route "${name}"`);
    return preview(found, message, this.#context.clock.now());
  }

  async #open(plan: RoutePlan): Promise<void> {
    const { broker, clock } = { ...this.#context.sqs, clock: this.#context.clock };
    const { name, replies: wanted, legs } = plan;
    const replies = wanted && new Replies({ broker, clock, route: name, ...wanted });
    await replies?.start();
    const isSplit = plan.mode === 'move' && legs.length > 1 && ['queue', 'sqs'].includes(readEnd(plan.from).scheme);
    if (isSplit) this.#split(plan);
    for (const leg of legs) {
      const shadow = await shadowOf(plan, leg, this.#shadows, () => this.#source(plan, leg));
      const source = shadow?.source ?? (await this.#claimingSource(plan, leg, isSplit));
      // What the source itself leaves to others need not be looked at again.
      const isChosen = (shadow === undefined && leavesOthers(plan)) || usesSelector(plan, leg);
      const choice = isChosen ? undefined : leg.choice;
      const target = plan.mode === 'dry-run' ? dryTarget(this.#target(leg)) : this.#checkingTarget(leg);
      await this.#start(plan, leg.name, source, target, { ...leg, choice, replies, shadow });
    }
    if (replies === undefined || wanted === undefined) return;
    const source = await this.#source({ ...plan, name: `${name}.replies`, from: wanted.through }, undefined);
    await this.#start(plan, `${name}.replies`, source, replies.target, {});
  }

  async #start(
    plan: RoutePlan,
    name: string,
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
    this.#all.push(route);
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
            const mark = stream.encryptionType === undefined ? plainMark : encryptedMark;
            return { stream: stream.core, maxBytes: stream.settings.maxRecordKiB * 1024, mark };
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
  #split(plan: RoutePlan): void {
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
    this.#splitters.push(new Splitter({ name: plan.name, source, branches }, { broker: sqs.broker, clock, log }));
  }

  #branch({ from }: RoutePlan, { name }: Leg): Source {
    const { sqs, clock } = this.#context;
    return branchSource({ broker: sqs.broker, clock, address: from, branch: name, isSqs: from.startsWith('sqs://') });
  }

  /** Ends the subscriptions of routes that are no more; what they have not taken goes with them. */
  async #forgetOthers(plans: readonly RoutePlan[]): Promise<void> {
    const { broker } = this.#context.sqs;
    const topicLegs = new Set(
      plans.filter(({ from }) => isTopicHere(from)).flatMap(({ legs }) => legs.map(({ name }) => name)),
    );
    for (const { clientId, name, durable } of Array.from(broker.subscriptions)) {
      if (clientId === routeClient && durable && !topicLegs.has(name)) {
        await broker.subscriptions.unsubscribe(routeClient, name);
      }
    }
    const branches = new Set(plans.flatMap(({ legs }) => legs.map(({ name }) => name)));
    for (const queue of Array.from(broker.queues(branchNamespace))) {
      // What waits there is nowhere else.
      const isEmpty = queue.readyCount + queue.inFlightCount === 0;
      if (isEmpty && !isCopy(queue) && !branches.has(queue.name)) await broker.delete(queue);
    }
    await this.#feeds.sweep();
    this.#remoteEnds.sweep();
  }
}

/** What the limits of targets are if nobody has changed them. */
const usualBytes = 1024 * 1024;
const usualTopicBytes = 256 * 1024;

/** The routes of a configuration, as far as they need not run. */
export function previewable({ routes, remotes }: Pick<Config, 'remotes' | 'routes'>): readonly PreviewedRoute[] {
  return routes.flatMap((route) =>
    planOf(route).legs.map((leg) => ({
      ...leg,
      from: route.from,
      maxBytes: leg.to.startsWith('sns://') ? usualTopicBytes : usualBytes,
      far: protocolOf(remotes[readEnd(leg.to).remote ?? '']?.type),
    })),
  );
}

function protocolOf(type: Remotes[string]['type'] | undefined): PreviewedRoute['far'] {
  return type === 'aws' ? undefined : type;
}

function sqsEnd(queue: SqsQueue, fifo: FifoDelivery): SqsEnd {
  const target = [queue.core];
  return {
    queue: queue.core,
    get maxBytes() {
      return queue.settings.maximumMessageBytes;
    },
    put: queue.isFifo
      ? (transaction, message, deduplicationId) => fifo.put(transaction, queue, message, deduplicationId)
      : (transaction, message) => transaction.put(target, message, { delayMs: queue.settings.delayMs }),
  };
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

function isTopicHere(address: string): boolean {
  const { scheme, remote } = readEnd(address);
  return scheme === 'topic' && remote === undefined;
}

function anyOf(branches: readonly Branch[]): NonNullable<Leg['choice']> {
  return (message) => branches.some(({ choice }) => choice?.(message) === true);
}
