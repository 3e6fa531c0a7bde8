// Ends of routes that are not of this engine, by the remotes of the configuration. Each AWS is reached by the same clients,
// whatever the number of its routes; each end at a broker has a connection of its own.

import { awsKinesisTarget } from './bridge/endpoints/aws/kinesis-target.ts';
import { AwsKinesisSource } from './bridge/endpoints/aws/kinesis-source.ts';
import { awsObjects } from './bridge/endpoints/aws/objects.ts';
import { queueUrl } from './bridge/endpoints/aws/queue-url.ts';
import { AwsRemote } from './bridge/endpoints/aws/remote.ts';
import { SnsFeeds } from './bridge/endpoints/aws/sns-feeds.ts';
import { awsSnsTarget } from './bridge/endpoints/aws/sns-target.ts';
import { AwsSqsSource } from './bridge/endpoints/aws/sqs-source.ts';
import { awsSqsTarget } from './bridge/endpoints/aws/sqs-target.ts';
import type { ObjectStore } from './bridge/claim-check.ts';
import type { StreamStart } from './bridge/endpoints/kinesis-source.ts';
import type { MappingRules } from './bridge/mapping.ts';
import type { RemoteTarget } from './bridge/remote.ts';
import type { Source } from './bridge/source.ts';
import type { Remotes } from './config-remotes.ts';
import { readEnd } from './config-ends.ts';
import type { Broker } from './core/broker.ts';
import { farSource, farTarget } from './far-ends.ts';
import type { FarEnd } from './far-ends.ts';
import type { Clock } from './util/clock.ts';
import type { Log } from './util/log.ts';

export interface RemoteEndsContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
}

export class RemoteEnds {
  readonly #context: RemoteEndsContext;
  readonly #feeds: SnsFeeds;
  readonly #aws = new Map<string, AwsRemote>();
  #remotes: Remotes = {};

  constructor(context: RemoteEndsContext) {
    this.#context = context;
    const { broker, log } = context;
    this.#feeds = new SnsFeeds(broker.store, log);
  }

  /** Replaces the remotes. Those that are another, or no more, are left: no route has an end there by now. */
  async use(remotes: Remotes): Promise<void> {
    const { clock } = this.#context;
    const left: Promise<void>[] = [];
    for (const [name, remote] of this.#aws) {
      if (isSame(remotes[name], this.#remotes[name])) continue;
      this.#aws.delete(name);
      left.push(remote.close());
    }
    this.#remotes = remotes;
    for (const [name, settings] of Object.entries(remotes)) {
      if (settings.type === 'aws' && !this.#aws.has(name)) this.#aws.set(name, new AwsRemote(name, settings, clock));
    }
    await Promise.all(left);
  }

  /** The route is no more; what it had made far away goes with the next sweep. */
  drop(route: string): void {
    this.#feeds.drop(route);
  }

  target(address: string, rules: MappingRules): RemoteTarget {
    const { scheme, name, remote: of = '' } = readEnd(address);
    const { clock } = this.#context;
    const remote = this.#aws.get(of);
    if (remote === undefined) return farTarget(this.#farEnd(address), rules);
    const options = { address, name, remote, clock, rules };
    if (scheme === 'sns') return awsSnsTarget(options);
    return scheme === 'kinesis' ? awsKinesisTarget(options) : awsSqsTarget(options);
  }

  /** That of the remote: the configuration has claim checks for ends of AWS only. */
  objects(remote: string): ObjectStore {
    const found = this.#aws.get(remote);
    if (found === undefined) throw new TypeError(`${remote} has no object store`);
    return awsObjects(found);
  }

  source(address: string, route: string, start: StreamStart): Source {
    const { scheme, name, remote: of = '' } = readEnd(address);
    const { clock, broker } = this.#context;
    const remote = this.#aws.get(of);
    if (remote === undefined) return farSource(this.#farEnd(address), route);
    if (scheme === 'kinesis') return new AwsKinesisSource({ address, name, route, start, remote, broker, clock });
    const background = (work: Promise<unknown>, what: string): void => broker.background(work, what);
    const options = { address, name, remote, clock, background };
    if (scheme === 'sqs') {
      return new AwsSqsSource({ ...options, find: (signal) => queueUrl(remote, address, name, signal) });
    }
    this.#feeds.want(route, of, name);
    const find = (signal: AbortSignal): Promise<string> => this.#feeds.open(remote, route, name, address, signal);
    return new AwsSqsSource({ ...options, find, missing: `${address} is not subscribed to yet` });
  }

  /** Removes what routes had made far away that are no more. */
  sweep(): void {
    const { broker } = this.#context;
    broker.background(this.#feeds.sweep(this.#aws), 'remove what routes had made that are no more');
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#aws.values(), (remote) => remote.close()));
  }

  #farEnd(address: string): FarEnd {
    const { clock, log } = this.#context;
    const { scheme, name, remote = '' } = readEnd(address);
    const broker = this.#remotes[remote];
    // The configuration refuses others.
    if (broker === undefined || broker.type === 'aws') throw new TypeError(`${address} has no remote`);
    return { address, kind: scheme === 'queue' ? scheme : 'topic', name, remote, broker, clock, log };
  }
}

function isSame(a: Remotes[string] | undefined, b: Remotes[string] | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
