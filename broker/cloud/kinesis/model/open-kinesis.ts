// Puts together what the actions of Kinesis work with, over streams that were started.

import type { Store } from '../../../core/store.ts';
import type { Streams } from '../../../core/streams.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Log } from '../../../util/log.ts';
import { Quotas } from '../../quotas.ts';
import type { QuotaMode } from '../../quotas.ts';
import { Accounts } from './accounts.ts';
import type { Kinesis } from './kinesis.ts';
import { OnDemand } from './on-demand.ts';
import { StreamDirectory } from './stream-directory.ts';
import { Subscriptions } from './subscriptions.ts';
import { Throughput } from './throughput.ts';

export interface KinesisOptions {
  readonly streams: Streams;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** How long streams and consumers show that they are being made, changed or deleted. */
  readonly stateDelayMs: number;
  /** Whether the throughput of shards is limited. Default: it is not. */
  readonly quotas?: QuotaMode;
}

/** Goes on with what was under way when the engine ended. */
export async function openKinesis(options: KinesisOptions): Promise<Kinesis> {
  const { streams, store, clock, log, stateDelayMs, quotas = 'off' } = options;
  const accounts = new Accounts(store, clock);
  await accounts.start();
  const directory = new StreamDirectory({ streams, clock, log, stateDelayMs });
  directory.start();
  return {
    streams: directory,
    accounts,
    subscriptions: new Subscriptions(clock),
    throughput: new Throughput(new Quotas(quotas, clock, store), new OnDemand({ streams: directory, clock, log })),
    clock,
  };
}
