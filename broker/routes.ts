// The routes that run, by the configuration that is in force: a changed one ends what is no more, and starts what is new.

import { routeClient } from './bridge/endpoints/broker.ts';
import { preview } from './bridge/preview.ts';
import type { GivenMessage, Preview, PreviewedRoute } from './bridge/preview.ts';
import type { Route } from './bridge/route.ts';
import { routeSteps } from './bridge/route-steps.ts';
import { isCopy } from './bridge/shadow-source.ts';
import { branchNamespace } from './bridge/splitter.ts';
import { RouteFeeds } from './cloud/sns/model/route-feeds.ts';
import type { Config } from './config.ts';
import type { Remotes } from './config-remotes.ts';
import { readEnd } from './config-ends.ts';
import { planOf } from './config-routes.ts';
import type { RoutePlan } from './config-routes.ts';
import { BrokerError } from './core/errors.ts';
import { RemoteEnds } from './remote-ends.ts';
import { isTopicHere, repliesOf, RouteBuilder } from './route-builder.ts';
import type { Built, RouteBuilderContext } from './route-builder.ts';
import { forgetShadows } from './route-shadows.ts';

/** What of the configuration may change while routes run. */
export type RoutesConfig = Pick<Config, 'remotes' | 'routes'>;

/** What became of the routes of a configuration, by their names. */
export interface RoutesChange {
  readonly started: readonly string[];
  readonly ended: readonly string[];
  readonly kept: readonly string[];
}

interface Running extends Built {
  /** Of the route and the remotes that it names, to tell whether it is another by now. */
  readonly text: string;
}

export class Routes {
  readonly #context: RouteBuilderContext;
  readonly #feeds: RouteFeeds;
  readonly #remoteEnds: RemoteEnds;
  readonly #builder: RouteBuilder;
  /** By the names of the configuration, in its order. */
  #running = new Map<string, Running>();
  #config: RoutesConfig = { remotes: {}, routes: [] };
  /** Configurations are taken one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: RouteBuilderContext) {
    this.#context = context;
    const { sns, sqs, clock, log, config } = context;
    this.#feeds = new RouteFeeds({ sns, queues: sqs.queues, location: config.cloud, clock, log });
    this.#remoteEnds = new RemoteEnds({ broker: sqs.broker, clock, log });
    this.#builder = new RouteBuilder(context, this.#feeds, this.#remoteEnds);
  }

  get all(): readonly Route[] {
    return Array.from(this.#running.values(), ({ routes }) => routes).flat();
  }

  /**
   * Makes these the routes that run, at the start and later: those that are the same go on, others end, when what they have
   * under way has ended, and new ones start.
   * @throws BrokerError as Store.write does.
   */
  apply(config: RoutesConfig): Promise<RoutesChange> {
    const applied = this.#turn.then(() => this.#apply(config));
    this.#turn = applied.catch(() => undefined);
    return applied;
  }

  /** What is under way ends first, if that does not take long: what far ends already have is not sent to them again. Idempotent. */
  async close(): Promise<void> {
    const running = Array.from(this.#running.values());
    for (const { splitter } of running) splitter?.close();
    await Promise.all(running.flatMap(({ routes }) => routes).map((route) => route.end()));
    await this.#remoteEnds.close();
    await this.#feeds.close();
  }

  /** @throws BrokerError `not-found`; `invalid` for a message that is none. */
  preview(name: string, message: GivenMessage): Preview {
    const found = previewable(this.#config).find((route) => route.name === name);
    if (found === undefined) throw new BrokerError('not-found', `no route "${name}"`);
    return preview(found, message, this.#context.clock.now());
  }

  async #apply(config: RoutesConfig): Promise<RoutesChange> {
    const { broker } = this.#context.sqs;
    const wanted = config.routes.map((route) => ({ plan: planOf(route), text: textOf(route, config.remotes) }));
    const isKept = (name: string, text: string | undefined): boolean => this.#running.get(name)?.text === text;
    const ended = Array.from(this.#running.keys()).filter(
      (name) => !isKept(name, wanted.find(({ plan }) => plan.name === name)?.text),
    );
    await Promise.all(ended.map((name) => this.#end(name)));
    await this.#remoteEnds.use(config.remotes);
    this.#config = config;
    const plans = wanted.map(({ plan }) => plan);
    await forgetShadows(broker, plans);
    const fresh = wanted.filter(({ plan, text }) => !isKept(plan.name, text));
    for (const { plan, text } of fresh) this.#running.set(plan.name, { text, routes: [], splitter: undefined });
    // What a route moves out of a queue, or into it, its shadows are to see.
    const shadowsFirst = fresh
      .map(({ plan }) => plan)
      .sort((a, b) => Number(a.mode === 'move') - Number(b.mode === 'move'));
    for (const plan of shadowsFirst) await this.#builder.build(plan, this.#running.get(plan.name)!);
    await this.#forgetOthers(plans);
    for (const { plan } of fresh) await this.#running.get(plan.name)?.splitter?.start();
    this.#running = new Map(plans.map(({ name }) => [name, this.#running.get(name)!]));
    const started = fresh.map(({ plan }) => plan.name);
    const kept = plans.map(({ name }) => name).filter((name) => !started.includes(name));
    return { started, ended, kept };
  }

  async #end(name: string): Promise<void> {
    const { splitter, routes } = this.#running.get(name)!;
    splitter?.close();
    await Promise.all(routes.map((route) => route.end()));
    // What they had under way is in the store before another route reads what they left.
    await this.#context.sqs.broker.store.write([]);
    for (const route of routes) {
      this.#feeds.drop(route.name);
      this.#remoteEnds.drop(route.name);
    }
    this.#running.delete(name);
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
    const names = plans.flatMap(({ name, legs }) => [...legs.map((leg) => leg.name), repliesOf(name)]);
    await routeSteps.forgetOthers(broker.store, new Set(names));
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
      through: route.replies?.through,
      maxBytes: leg.to.startsWith('sns://') ? usualTopicBytes : usualBytes,
      far: protocolOf(remotes[readEnd(leg.to).remote ?? '']?.type),
    })),
  );
}

function protocolOf(type: Remotes[string]['type'] | undefined): PreviewedRoute['far'] {
  return type === 'aws' ? undefined : type;
}

/** The route as it was configured, with the remotes of its ends. */
function textOf(route: Config['routes'][number], remotes: Config['remotes']): string {
  const { from, legs } = planOf(route);
  const names = [from, ...legs.map(({ to }) => to)].map((address) => readEnd(address).remote);
  return JSON.stringify([route, names.map((name) => name !== undefined && remotes[name])]);
}
