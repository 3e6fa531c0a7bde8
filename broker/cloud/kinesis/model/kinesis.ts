// What the actions of Kinesis work with.

import type { Clock } from '../../../util/clock.ts';
import type { Accounts } from './accounts.ts';
import type { StreamDirectory } from './stream-directory.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Throughput } from './throughput.ts';

export interface Kinesis {
  readonly streams: StreamDirectory;
  readonly accounts: Accounts;
  readonly subscriptions: Subscriptions;
  readonly throughput: Throughput;
  readonly clock: Clock;
}
