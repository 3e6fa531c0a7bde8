// The Policy attribute: its form (IAM, "Grammar of the IAM JSON policy language"; SQS Developer Guide, "Overview of managing
// access") and the statements that AddPermission writes. What a policy allows is judged in auth/.

import { invalidParameterValue } from '../../errors.ts';
import { invalidAttributeValue, overLimit } from './errors.ts';
import { limits } from './limits.ts';

const policyMembers: ReadonlySet<string> = new Set(['Version', 'Id', 'Statement']);
const versions: ReadonlySet<unknown> = new Set(['2008-10-17', '2012-10-17']);
const effects: ReadonlySet<unknown> = new Set(['Allow', 'Deny']);
const statementMembers: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

/** A permission as AddPermission is told of it. */
export interface Permission {
  readonly label: string;
  readonly accounts: readonly string[];
  readonly actions: readonly string[];
}

/** The text as it was given. @throws AwsError InvalidAttributeValue, OverLimit. */
export function checkPolicy(text: string): string {
  const policy = parse(text);
  if (policy === undefined || !hasOnly(policy, policyMembers)) throw invalidAttributeValue('Policy');
  const { Version: version, Statement: statement } = policy;
  if (version !== undefined && !versions.has(version)) throw invalidAttributeValue('Policy');
  const statements: readonly unknown[] = Array.isArray(statement) ? statement : [statement];
  if (statements.length > limits.policyStatements) {
    throw overLimit(
      `${statements.length} statements were found in the submitted policy, max allowed is ${limits.policyStatements}`,
    );
  }
  if (statements.length === 0 || !statements.every(isStatement)) throw invalidAttributeValue('Policy');
  return text;
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

function isStatement(value: unknown): boolean {
  if (!isObject(value) || !hasOnly(value, statementMembers)) return false;
  const { Effect: effect, Action, NotAction, Resource, NotResource } = value;
  return effects.has(effect) && isTextOrList(Action ?? NotAction) && isTextOrList(Resource ?? NotResource ?? '*');
}

function isTextOrList(value: unknown): boolean {
  return typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
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

function hasOnly(value: Readonly<Record<string, unknown>>, members: ReadonlySet<string>): boolean {
  return Object.keys(value).every((name) => members.has(name));
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
