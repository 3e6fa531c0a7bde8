// The SQS service: its names on each wire, and the registry of its actions. What is not listed here does not exist.

import type { Broker } from '../../core/broker.ts';
import type { BrokerError } from '../../core/errors.ts';
import type { Clock } from '../../util/clock.ts';
import type { Breach } from '../constraints.ts';
import { AwsError, commonErrors, invalidParameterValue, missingParameter } from '../errors.ts';
import { validationMessage } from '../constraints.ts';
import type { Quotas } from '../quotas.ts';
import type { Service } from '../service.ts';
import { sqsAuthorization } from './authorization.ts';
import { addPermission } from './add-permission.ts';
import { cancelMessageMoveTask } from './cancel-message-move-task.ts';
import { changeMessageVisibilityBatch } from './change-message-visibility-batch.ts';
import { changeMessageVisibility } from './change-message-visibility.ts';
import { createQueue } from './create-queue.ts';
import { deleteMessageBatch } from './delete-message-batch.ts';
import { deleteMessage } from './delete-message.ts';
import { deleteQueue } from './delete-queue.ts';
import { getQueueAttributes } from './get-queue-attributes.ts';
import { getQueueUrl } from './get-queue-url.ts';
import { listDeadLetterSourceQueues } from './list-dead-letter-source-queues.ts';
import { listMessageMoveTasks } from './list-message-move-tasks.ts';
import { listQueueTags } from './list-queue-tags.ts';
import { listQueues } from './list-queues.ts';
import { queueDoesNotExist } from './model/errors.ts';
import type { Queues } from './model/queues.ts';
import type { Sqs } from './model/sqs.ts';
import { purgeQueue } from './purge-queue.ts';
import { receiveMessage } from './receive-message.ts';
import { removePermission } from './remove-permission.ts';
import { sendMessageBatch } from './send-message-batch.ts';
import { sendMessage } from './send-message.ts';
import { setQueueAttributes } from './set-queue-attributes.ts';
import { startMessageMoveTask } from './start-message-move-task.ts';
import { tagQueue } from './tag-queue.ts';
import { sqsThrottle } from './throttle.ts';
import { untagQueue } from './untag-queue.ts';

const actions = [
  addPermission,
  cancelMessageMoveTask,
  changeMessageVisibility,
  changeMessageVisibilityBatch,
  createQueue,
  deleteMessage,
  deleteMessageBatch,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listMessageMoveTasks,
  listQueueTags,
  listQueues,
  purgeQueue,
  receiveMessage,
  removePermission,
  sendMessage,
  sendMessageBatch,
  setQueueAttributes,
  startMessageMoveTask,
  tagQueue,
  untagQueue,
];

/** `quotas`: absent, nothing is counted against them. */
export function sqsService(broker: Broker, queues: Queues, clock: Clock, quotas?: Quotas): Service {
  const sqs: Sqs = { broker, queues, clock };
  return {
    name: 'sqs',
    targetPrefix: 'AmazonSQS',
    versions: ['2012-11-05', '2011-10-01', '2009-02-01', '2008-01-01'],
    xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
    operations: new Map(actions.map((make) => make(sqs)).map((made) => [made.name, made])),
    resourceMember: 'QueueUrl',
    resourcePath: /^\/\d{12}\/[^/]+\/?$/,
    authorization: sqsAuthorization(queues),
    throttle: quotas === undefined || quotas.mode === 'off' ? undefined : sqsThrottle(quotas, queues),
    refuse,
    translate,
  };
}

/** SQS names the first parameter that is missing. */
function refuse([first, ...others]: readonly [Breach, ...Breach[]]): AwsError {
  if (first.constraint === 'missing') return missingParameter(first.label);
  return invalidParameterValue(validationMessage([first, ...others]));
}

function translate({ code, message }: BrokerError): AwsError {
  switch (code) {
    case 'not-found':
      return queueDoesNotExist();
    case 'invalid':
    case 'exists':
    case 'too-large':
    case 'unsupported':
    case 'not-allowed':
      return invalidParameterValue(message);
    case 'unauthorized':
      return new AwsError(commonErrors.accessDenied, message);
    // The store cannot take it now: SDKs try again.
    case 'limit':
    case 'store-full':
    case 'store-failed':
    case 'fenced':
    case 'closed':
      return new AwsError(commonErrors.serviceUnavailable, `Service is unavailable: ${message}`);
  }
}
