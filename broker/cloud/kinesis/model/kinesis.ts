// What the actions of Kinesis work with.

import type { Clock } from '../../../util/clock.ts';
import type { Quotas } from '../../quotas.ts';
import type { Accounts } from './accounts.ts';
import type { StreamDirectory } from './stream-directory.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface Kinesis {
  readonly streams: StreamDirectory;
  readonly accounts: Accounts;
  readonly subscriptions: Subscriptions;
  readonly quotas: Quotas;
  readonly clock: Clock;
}
