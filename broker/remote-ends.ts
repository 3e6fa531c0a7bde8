// Ends of routes that are not of this engine, by the remotes of the configuration. AWS is reached once for each remote,
// whatever the number of its routes; each end at a broker has a connection of its own.

import { AwsRemote } from './bridge/endpoints/aws/remote.ts';
import { AwsSqsSource } from './bridge/endpoints/aws/sqs-source.ts';
import { awsKinesisTarget } from './bridge/endpoints/aws/kinesis-target.ts';
import { awsSnsTarget } from './bridge/endpoints/aws/sns-target.ts';
import { awsSqsTarget } from './bridge/endpoints/aws/sqs-target.ts';
import { queueUrl } from './bridge/endpoints/aws/queue-url.ts';
import type { RemoteTarget } from './bridge/remote.ts';
import type { Source } from './bridge/source.ts';
import type { Remotes } from './config-remotes.ts';
import { readEnd } from './config-ends.ts';
import type { Leg, RoutePlan } from './config-routes.ts';
import type { Broker } from './core/broker.ts';
import { BrokerError } from './core/errors.ts';
import { farSource, farTarget } from './far-ends.ts';
import type { FarEnd } from './far-ends.ts';
import type { Clock } from './util/clock.ts';
import type { Log } from './util/log.ts';

export interface RemoteEndsContext {
  readonly remotes: Remotes;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
}

export class RemoteEnds {
  readonly #context: RemoteEndsContext;
  readonly #aws = new Map<string, AwsRemote>();

  constructor(context: RemoteEndsContext) {
    this.#context = context;
    for (const [name, settings] of Object.entries(context.remotes)) {
      if (settings.type === 'aws') this.#aws.set(name, new AwsRemote(name, settings, context.clock));
    }
  }

  target({ to: address, rules }: Leg): RemoteTarget {
    const far = this.#atBroker(address);
    if (far !== undefined) return farTarget(far, rules);
    const { scheme, name, remote } = readEnd(address);
    const { clock } = this.#context;
    const options = { address, name, remote: this.#awsOf(remote), clock, rules };
    switch (scheme) {
      case 'sqs':
        return awsSqsTarget(options);
      case 'sns':
        return awsSnsTarget(options);
      case 'kinesis':
        return awsKinesisTarget(options);
      default:
        throw notThere(address);
    }
  }

  /** `route`: whose subscription it is. */
  source({ from: address }: RoutePlan, route: string): Source {
    const far = this.#atBroker(address);
    if (far !== undefined) return farSource(far, route);
    const { scheme, name, remote: of } = readEnd(address);
    const { clock, broker } = this.#context;
    const remote = this.#awsOf(of);
    const background = (work: Promise<unknown>, what: string): void => broker.background(work, what);
    switch (scheme) {
      case 'sqs': {
        const find = (signal: AbortSignal): Promise<string> => queueUrl(remote, address, name, signal);
        return new AwsSqsSource({ address, name, remote, clock, find, background });
      }
      default:
        throw notThere(address);
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#aws.values(), (remote) => remote.close()));
  }

  /** Undefined: it is of AWS. */
  #atBroker(address: string): FarEnd | undefined {
    const { remotes, clock, log } = this.#context;
    const { scheme, name, remote = '' } = readEnd(address);
    const settings = remotes[remote];
    const isBroker = settings !== undefined && settings.type !== 'aws';
    if (!isBroker || (scheme !== 'queue' && scheme !== 'topic')) return undefined;
    return { address, kind: scheme, name, remote, broker: settings, clock, log };
  }

  #awsOf(name: string | undefined): AwsRemote {
    const remote = this.#aws.get(name ?? '');
    if (remote === undefined) throw notThere(name ?? '');
    return remote;
  }
}

/** The configuration refuses such ends. */
function notThere(address: string): BrokerError {
  return new BrokerError('unsupported', `no such end of a route: "${address}"`);
}
