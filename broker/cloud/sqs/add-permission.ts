// AddPermission: adds a statement to a queue's access policy.

import { invalidParameterValue, missingParameter } from '../errors.ts';
import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, string, structure } from '../shape.ts';
import { withPermission } from './model/access-policy.ts';
import { overLimit } from './model/errors.ts';
import { limits } from './model/limits.ts';
import { ownersOnly } from './model/owners-only.ts';
import type { Sqs } from './model/sqs.ts';

const input = structure({
  QueueUrl: string(),
  Label: string(),
  AWSAccountIds: list(string(), { flat: 'AWSAccountId' }),
  Actions: list(string(), { flat: 'ActionName' }),
});

/** What may be permitted to others. */
const permissible: ReadonlySet<string> = new Set([
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
]);
const labelPattern = /^[a-zA-Z0-9_-]{1,80}$/;
const accountPattern = /^\d{12}$/;

export function addPermission({ queues }: Sqs): Operation {
  return command('AddPermission', input, async (given, call) => {
    const queue = queues.at(given.QueueUrl, call);
    const { Label: label, AWSAccountIds: accounts = [], Actions: actions = [] } = given;
    if (label === undefined || label === '') throw missingParameter('Label');
    if (!labelPattern.test(label)) {
      throw refused(
        'Label',
        label,
        'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
      );
    }
    checkActions(actions);
    const unknown = accounts.filter((account) => !accountPattern.test(account));
    if (accounts.length === 0 || unknown.length > 0) {
      throw refused('PrincipalId', `[${unknown.join(', ')}]`, 'Unable to verify.');
    }
    const before = queue.stored.told.get('Policy');
    const policy = withPermission(before, queue.arn, { label, accounts, actions });
    await queues.setPolicy(queue, policy);
  });
}

function checkActions(actions: readonly string[]): void {
  if (actions.length === 0) throw missingParameter('Actions');
  if (actions.length > limits.permittedActions) {
    throw overLimit(`${actions.length} Actions were found, maximum allowed is ${limits.permittedActions}.`);
  }
  for (const action of actions) {
    if (ownersOnly.has(action)) {
      throw refused('ActionName', `SQS:${action}`, 'Only the queue owner is allowed to invoke this action.');
    }
    if (!permissible.has(action)) {
      throw refused(
        'ActionName',
        `SQS:${action}`,
        'Please refer to the appropriate WSDL for a list of valid actions. ',
      );
    }
  }
}

function refused(name: string, value: string, reason: string): Error {
  return invalidParameterValue(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);
}
