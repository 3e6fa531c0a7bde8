// What every action of SQS works with.

import type { Broker } from '../../../core/broker.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Queues } from './queues.ts';

export interface Sqs {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly queues: Queues;
}
