// The access policy of a topic: the one it has by default, and the statements that AddPermission adds and
// RemovePermission takes away. It is kept and given back; what it allows is judged in auth/.

import { checkStatements, policyOf } from '../../auth/policy-grammar.ts';
import type { Fault, Grammar } from '../../auth/policy-grammar.ts';
import { InvalidAttribute, invalidParameter } from './errors.ts';
import { limits } from './limits.ts';

const permitted = [
  'GetTopicAttributes',
  'SetTopicAttributes',
  'AddPermission',
  'RemovePermission',
  'DeleteTopic',
  'Subscribe',
  'ListSubscriptionsByTopic',
  'Publish',
] as const;

const grantable: ReadonlySet<string> = new Set([...permitted, 'Receive']);

export function defaultPolicy(topicArn: string, owner: string): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: permitted.map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { 'AWS:SourceOwner': owner } },
      },
    ],
  });
}

/** Every action is named: SNS takes no wildcards. */
const grammar: Grammar = {
  service: 'sns',
  actions: new Set(Array.from(grantable, (action) => action.toLowerCase())),
  wildcards: false,
};

const faults = {
  syntax: 'Policy Error: null',
  condition: 'Policy Error: null',
  principal: 'Policy Error: PrincipalNotFound',
  action: 'Policy statement action out of service scope!',
} as const satisfies Record<Fault, string>;

/** The text as it is kept. @throws InvalidAttribute for what is no policy document. */
export function checkPolicy(text: string): string {
  const policy = policyOf(text);
  const checked = policy === undefined ? 'syntax' : checkStatements(policy.statements, grammar);
  if (typeof checked === 'string') throw new InvalidAttribute(faults[checked]);
  const principals = new Set(checked.flatMap((statement) => statement.principals));
  // Developer Guide, "Amazon SNS API permissions": in what words they are refused is not on record.
  requireAtMost(Buffer.byteLength(text), 'bytes', limits.policyBytes);
  requireAtMost(checked.length, 'statements', limits.policyStatements);
  requireAtMost(principals.size, 'principals', limits.policyPrincipals);
  return text;
}

function requireAtMost(found: number, what: string, most: number): void {
  if (found <= most) return;
  throw new InvalidAttribute(`Policy Error: ${found} ${what} were found, at most ${most} are allowed`);
}

/** @throws AwsError InvalidParameter. */
export function withPermission(
  policy: string,
  topicArn: string,
  label: string,
  accounts: readonly string[],
  actions: readonly string[],
): string {
  const document = read(policy);
  if (document.statements.some((statement) => statement['Sid'] === label)) {
    throw invalidParameter('Statement already exists');
  }
  if (actions.some((action) => !grantable.has(action))) {
    throw invalidParameter('Policy statement action out of service scope!');
  }
  const added = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrAll(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: oneOrAll(actions.map((action) => `SNS:${action}`)),
    Resource: topicArn,
  };
  return JSON.stringify({ ...document.whole, Statement: [...document.statements, added] });
}

export function withoutPermission(policy: string, label: string): string {
  const { whole, statements } = read(policy);
  return JSON.stringify({ ...whole, Statement: statements.filter((statement) => statement['Sid'] !== label) });
}

type Json = Readonly<Record<string, unknown>>;

function read(policy: string): { readonly whole: Json; readonly statements: readonly Json[] } {
  const value: unknown = JSON.parse(policy);
  const whole = isObject(value) ? value : {};
  const told = whole['Statement'];
  const statements = Array.isArray(told) ? told.filter(isObject) : isObject(told) ? [told] : [];
  return { whole, statements };
}

function oneOrAll(values: readonly string[]): string | readonly string[] {
  const [only = '', ...others] = values;
  return others.length === 0 ? only : values;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
