// How often a FIFO queue may be asked (Developer Guide, "Amazon SQS message quotas"): 300 times a second for each action, a
// batch being one; in high throughput mode for each of its groups. Standard queues have no such quota. And how often an account
// may call actions that have a quota of their own.

import { textAt } from '../auth/authorization.ts';
import type { Input } from '../auth/authorization.ts';
import { AwsError } from '../errors.ts';
import { callRates } from '../quota-table.ts';
import type { Quotas } from '../quotas.ts';
import type { Throttle } from '../service.ts';
import { valueOf } from './model/attributes.ts';
import { requestThrottled } from './model/errors.ts';
import type { Queues } from './model/queues.ts';
import type { SqsQueue } from './model/sqs-queue.ts';

/** An action and its batch draw on the same quota. */
const actions: ReadonlyMap<string, string> = new Map(
  ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility'].flatMap((action) => [
    [action, action],
    [`${action}Batch`, action],
  ]),
);

/** What the framework in front of the service answers ("Troubleshoot FIFO throttling issues in Amazon SQS"). */
const throttling = {
  type: 'com.amazon.coral.availability#ThrottlingException',
  code: 'ThrottlingException',
  status: 400,
  fault: 'Sender',
} as const;

export function sqsThrottle(quotas: Quotas, queues: Queues): Throttle {
  const rates = callRates('sqs');
  return (operation, input, call) => {
    const rate = rates.get(operation);
    if (rate !== undefined && !quotas.take(rate.name, `${call.account}/${call.region}`)) throw requestThrottled();
    const action = actions.get(operation);
    const url = textAt(input, 'QueueUrl');
    // Most queues are standard ones: what their names end with is seen without looking for them.
    if (action === undefined || url === undefined || !url.endsWith('.fifo')) return;
    const queue = queues.at(url, call);
    const resource = `${queue.arn}/${action}`;
    const isTaken = isHighThroughput(queue)
      ? quotas.take('sqs-fifo-high-calls', resource) && takesGroups(quotas, queue, resource, input)
      : quotas.take('sqs-fifo-calls', resource);
    if (!isTaken) throw new AwsError(throttling, 'Rate exceeded');
  };
}

function isHighThroughput({ stored: { told } }: SqsQueue): boolean {
  return valueOf(told, 'FifoThroughputLimit') === 'perMessageGroupId';
}

/** Of what sends alone: other requests do not say which groups they are about. */
function takesGroups(quotas: Quotas, { arn }: SqsQueue, resource: string, input: Input): boolean {
  let isTaken = true;
  for (const group of groupsOf(input)) {
    isTaken = quotas.take('sqs-fifo-group-calls', `${resource}/${group}`, 1, arn) && isTaken;
  }
  return isTaken;
}

function groupsOf(input: Input): ReadonlySet<string> {
  const entries: readonly unknown[] = Array.isArray(input['Entries']) ? input['Entries'] : [input];
  const groups = new Set<string>();
  for (const entry of entries) {
    const group: unknown =
      typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'MessageGroupId') : undefined;
    if (typeof group === 'string') groups.add(group);
  }
  return groups;
}
