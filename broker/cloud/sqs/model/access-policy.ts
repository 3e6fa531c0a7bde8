// The Policy attribute: what it may say (SQS Developer Guide, "Overview of managing access" and "Quotas related to policies"),
// and the statements that AddPermission writes. What a policy allows is judged in auth/.

import { checkStatements, policyOf } from '../../auth/policy-grammar.ts';
import type { Grammar } from '../../auth/policy-grammar.ts';
import { invalidParameterValue } from '../../errors.ts';
import { invalidAttributeValue, overLimit } from './errors.ts';
import { limits } from './limits.ts';

/** What a policy may be about: all that is about a queue. Batches are no actions of their own. */
const grammar: Grammar = {
  service: 'sqs',
  actions: new Set(
    [
      'AddPermission',
      'CancelMessageMoveTask',
      'ChangeMessageVisibility',
      'CreateQueue',
      'DeleteMessage',
      'DeleteQueue',
      'GetQueueAttributes',
      'GetQueueUrl',
      'ListDeadLetterSourceQueues',
      'ListMessageMoveTasks',
      'ListQueueTags',
      'PurgeQueue',
      'ReceiveMessage',
      'RemovePermission',
      'SendMessage',
      'SetQueueAttributes',
      'StartMessageMoveTask',
      'TagQueue',
      'UntagQueue',
    ].map((action) => action.toLowerCase()),
  ),
  wildcards: true,
};

/** A permission as AddPermission is told of it. */
export interface Permission {
  readonly label: string;
  readonly accounts: readonly string[];
  readonly actions: readonly string[];
}

/** The text as it was given. @throws AwsError InvalidAttributeValue, OverLimit. */
export function checkPolicy(text: string): string {
  const policy = policyOf(text);
  if (policy === undefined || Buffer.byteLength(text) > limits.policyBytes) throw invalidAttributeValue('Policy');
  const { statements } = policy;
  requireAtMost(statements.length, 'statements', limits.policyStatements);
  const checked = checkStatements(statements, grammar);
  // Whatever it is that is wrong, this is all that is said.
  if (typeof checked === 'string') throw invalidAttributeValue('Policy');
  const principals = new Set(checked.flatMap((statement) => statement.principals));
  requireAtMost(principals.size, 'principals', limits.policyPrincipals);
  for (const { actions } of checked) {
    if (actions.length <= limits.permittedActions) continue;
    throw overLimit(`${actions.length} Actions were found, maximum allowed is ${limits.permittedActions}.`);
  }
  return text;
}

function requireAtMost(found: number, what: string, most: number): void {
  if (found <= most) return;
  throw overLimit(`${found} ${what} were found in the submitted policy, max allowed is ${most}`);
}

/** The policy with one more statement. @throws AwsError where the label is there. */
export function withPermission(text: string | undefined, arn: string, permission: Permission): string {
  const { label, accounts, actions } = permission;
  const policy = (text === undefined ? undefined : parse(text)) ?? {
    Version: '2008-10-17',
    Id: `${arn}/SQSDefaultPolicy`,
    Statement: [],
  };
  const statements = statementsOf(policy);
  if (statements.some((statement) => sidOf(statement) === label)) {
    throw invalidParameterValue(`Value ${label} for parameter Label is invalid. Reason: Already exists.`);
  }
  const added = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrMany(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: oneOrMany(actions.map((action) => `SQS:${action}`)),
    Resource: arn,
  };
  return JSON.stringify({ ...policy, Statement: [...statements, added] });
}

/** The policy without a statement; undefined: nothing is left of it. @throws AwsError where there is no such label. */
export function withoutPermission(text: string | undefined, label: string): string | undefined {
  const policy = text === undefined ? undefined : parse(text);
  if (policy === undefined) throw unknownLabel(label, "can't find label.");
  const statements = statementsOf(policy);
  const rest = statements.filter((statement) => sidOf(statement) !== label);
  if (rest.length === statements.length) throw unknownLabel(label, "can't find label on existing policy.");
  return rest.length === 0 ? undefined : JSON.stringify({ ...policy, Statement: rest });
}

function unknownLabel(label: string, reason: string): Error {
  return invalidParameterValue(`Value ${label} for parameter Label is invalid. Reason: ${reason}`);
}

function statementsOf({ Statement: statement }: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Array.isArray(statement) ? statement : [statement];
}

function sidOf(statement: unknown): unknown {
  return isObject(statement) ? statement['Sid'] : undefined;
}

function oneOrMany(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] ?? '') : values;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isObject(value) ? value : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
