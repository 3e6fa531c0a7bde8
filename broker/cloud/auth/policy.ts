// Policy documents (IAM User Guide, "Grammar of the IAM JSON policy language"), read into what can be evaluated.

import { conditionOf } from './conditions.ts';
import type { Condition } from './conditions.ts';

export interface Policy {
  readonly statements: readonly Statement[];
}

/** A list, and whether what is not on it is meant. */
export interface Listed {
  readonly not: boolean;
  readonly patterns: readonly string[];
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** Undefined in the policies of users, which are about nobody else. */
  readonly principals: Listed | undefined;
  /** In lower case. */
  readonly actions: Listed;
  /** Undefined: whatever the policy is attached to. */
  readonly resources: Listed | undefined;
  /** Texts have variables: in the language's first version they had none. */
  readonly hasVariables: boolean;
  /** Undefined: not all of them are known, so that nothing is allowed by it, and everything is denied. */
  readonly conditions: readonly Condition[] | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** @throws Error that says what is wrong with a policy of a user. */
export function readIdentityPolicy(document: unknown): Policy {
  const statements = statementsOf(document).map(({ statement, version }) => {
    if ('Principal' in statement || 'NotPrincipal' in statement) throw new Error('a policy of a user has no Principal');
    const read = readStatement(statement, version);
    if (read.resources === undefined) throw new Error('a statement needs Resource or NotResource');
    if (read.conditions === undefined) throw new Error('a Condition has an operator that there is not');
    return read;
  });
  return { statements };
}

const nothing: Policy = { statements: [] };
/** Policies of resources are parsed again only when they change. */
const mostRemembered = 1000;
const remembered = new Map<string, Policy>();

/** A policy as it is kept with a resource; what cannot be read allows nothing. */
export function readResourcePolicy(text: string | undefined): Policy {
  if (text === undefined) return nothing;
  let policy = remembered.get(text);
  if (policy === undefined) {
    policy = parseResourcePolicy(text);
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(text, policy);
  }
  return policy;
}

function parseResourcePolicy(text: string): Policy {
  try {
    const statements = statementsOf(JSON.parse(text)).map(({ statement, version }) =>
      readStatement(statement, version),
    );
    return { statements: statements.filter(({ principals }) => principals !== undefined) };
  } catch {
    return nothing;
  }
}

function statementsOf(document: unknown): readonly { readonly statement: Json; readonly version: unknown }[] {
  if (!isObject(document)) throw new Error('a policy is an object with a Statement');
  const { Statement: given, Version: version } = document;
  const statements = Array.isArray(given) ? given : [given];
  return statements.map((statement: unknown) => {
    if (!isObject(statement)) throw new Error('a policy is an object with a Statement');
    return { statement, version };
  });
}

function readStatement(statement: Json, version: unknown): Statement {
  const { Effect: effect } = statement;
  if (effect !== 'Allow' && effect !== 'Deny') throw new Error('Effect is Allow or Deny');
  const actions = listed(statement, 'Action', 'NotAction', textsOf);
  if (actions === undefined) throw new Error('a statement needs Action or NotAction');
  return {
    effect,
    principals: listed(statement, 'Principal', 'NotPrincipal', principalsOf),
    actions: { ...actions, patterns: actions.patterns.map((action) => action.toLowerCase()) },
    resources: listed(statement, 'Resource', 'NotResource', textsOf),
    hasVariables: version === '2012-10-17',
    conditions: conditionsOf(statement['Condition']),
  };
}

function listed(
  statement: Json,
  name: string,
  notName: string,
  read: (value: unknown) => readonly string[],
): Listed | undefined {
  if (name in statement && notName in statement) throw new Error(`${name} and ${notName} exclude each other`);
  if (name in statement) return { not: false, patterns: read(statement[name]) };
  return notName in statement ? { not: true, patterns: read(statement[notName]) } : undefined;
}

/** Accounts as ARNs of their roots, services as `service:NAME`; there are no other kinds here, and nobody is one of them. */
function principalsOf(value: unknown): readonly string[] {
  if (value === '*') return ['*'];
  if (!isObject(value)) throw new Error('Principal is * or an object');
  return Object.entries(value).flatMap(([kind, given]) => {
    const names = textsOf(given);
    if (kind === 'AWS') return names.map((name) => (/^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name));
    return kind === 'Service' ? names.map((name) => (name === '*' ? name : `service:${name}`)) : [];
  });
}

function conditionsOf(value: unknown): readonly Condition[] | undefined {
  if (value === undefined) return [];
  if (!isObject(value)) throw new Error('Condition is an object');
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(value)) {
    if (!isObject(keys)) throw new Error('Condition has an object for each operator');
    for (const [key, values] of Object.entries(keys)) {
      const condition = conditionOf(operator, key, textsOf(values));
      if (condition === undefined) return undefined;
      conditions.push(condition);
    }
  }
  return conditions;
}

function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map((item: unknown) => {
    if (typeof item === 'number' || typeof item === 'boolean') return String(item);
    if (typeof item !== 'string') throw new Error('expected a text or a list of texts');
    return item;
  });
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
