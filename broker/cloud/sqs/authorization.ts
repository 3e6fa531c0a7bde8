// Which queue a request is about, and how it is refused (Service Authorization Reference, "Amazon SQS").

import type { Authorization, Resource } from '../auth/authorization.ts';
import { textAt } from '../auth/authorization.ts';
import { AwsError, commonErrors } from '../errors.ts';
import type { Location } from './model/arn.ts';
import { parseArn, parseQueueUrl, queueArn } from './model/arn.ts';
import { parseTaskHandle } from './model/move-task.ts';
import { ownersOnly } from './model/owners-only.ts';
import type { Queues } from './model/queues.ts';
import type { SqsQueue } from './model/sqs-queue.ts';

/** Batches are no actions of their own. */
const batch = /Batch$/;

export function sqsAuthorization(queues: Queues): Authorization {
  const named = (location: Location, name: string, operation: string): Resource => {
    const queue = queues.find(location, name);
    const isShared = !ownersOnly.has(operation);
    if (queue !== undefined) return { ...queueResource(queue), isShared };
    return { arn: queueArn(location, name), account: location.account, policy: undefined, isShared };
  };
  return {
    refusalStatus: 403,
    unsigned: new Set(),
    admitsAnonymous: true,
    actionOf: (operation) => `sqs:${operation.replace(batch, '').toLowerCase()}`,
    resourceOf(operation, input, { account, region }) {
      const arn = textAt(input, 'SourceArn') ?? parseTaskHandle(textAt(input, 'TaskHandle') ?? '')?.sourceArn;
      if (arn !== undefined) {
        const parsed = parseArn(arn);
        return named(parsed ?? { account, region }, parsed?.resource ?? '', operation);
      }
      const name = textAt(input, 'QueueName');
      const owner = textAt(input, 'QueueOwnerAWSAccountId') ?? account;
      if (name !== undefined) return named({ account: owner, region }, name, operation);
      const url = textAt(input, 'QueueUrl') ?? '';
      const place = parseQueueUrl(url) ?? { account, name: url };
      return named({ account: place.account, region }, place.name, operation);
    },
    refuse: (message) => new AwsError(commonErrors.accessDenied, message),
  };
}

export function queueResource({ arn, location, stored }: SqsQueue): Resource {
  return {
    arn,
    account: location.account,
    policy: stored.told.get('Policy'),
    tags: stored.tags,
    isShared: true,
  };
}
