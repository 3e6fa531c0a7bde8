// Whether the text of a resource's policy is one (IAM User Guide, "Grammar of the IAM JSON policy language"), as services ask
// before they keep it. What a policy allows is policy.ts's and decide.ts's matter.

import { conditionOf } from './conditions.ts';
import { matches } from './glob.ts';

/** What a service takes. */
export interface Grammar {
  /** What stands before the colon of its actions, in lower case. */
  readonly service: string;
  /** Those that a policy may be about, in lower case. */
  readonly actions: ReadonlySet<string>;
  /** Whether `*` and `?` may stand in actions. */
  readonly wildcards: boolean;
}

/** `syntax`: it is no policy at all. Otherwise the first element that is none. */
export type Fault = 'syntax' | 'principal' | 'action' | 'condition';

export interface CheckedStatement {
  readonly sid: string | undefined;
  readonly actions: readonly string[];
  readonly principals: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

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
const account = /^\d{12}$/;
/** A root, a user, a role, a session of one; or what AWS writes in place of one that was deleted. */
const identity =
  /^(arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(user|role|group|assumed-role|federated-user)\/[^*?]+)|A[A-Z0-9]{15,})$/;
const serviceName = /^[a-z\d.-]+\.(amazonaws\.com(\.cn)?|aws\.internal|amazon\.com)$/;

/** The document, with as much right as can be seen before its statements; undefined: none. */
export function policyOf(
  text: string,
): { readonly document: Json; readonly statements: readonly unknown[] } | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(document) || !hasOnly(document, policyMembers)) return undefined;
  const { Version: version, Statement: statement } = document;
  if (version !== undefined && !versions.has(version)) return undefined;
  const statements: readonly unknown[] = Array.isArray(statement) ? statement : [statement];
  return { document, statements };
}

/** Each as it was read, or the first fault of any. */
export function checkStatements(statements: readonly unknown[], grammar: Grammar): readonly CheckedStatement[] | Fault {
  if (statements.length === 0) return 'syntax';
  const checked: CheckedStatement[] = [];
  for (const statement of statements) {
    const one = checkStatement(statement, grammar);
    if (typeof one === 'string') return one;
    checked.push(one);
  }
  return checked;
}

function checkStatement(value: unknown, grammar: Grammar): CheckedStatement | Fault {
  if (!isObject(value) || !hasOnly(value, statementMembers)) return 'syntax';
  const {
    Sid: sid,
    Effect: effect,
    Action,
    NotAction,
    Resource,
    NotResource,
    Principal,
    NotPrincipal,
    Condition,
  } = value;
  if (!effects.has(effect) || (sid !== undefined && typeof sid !== 'string')) return 'syntax';
  const actions = textsOf(Action ?? NotAction);
  const isTwofold = [
    [Action, NotAction],
    [Resource, NotResource],
    [Principal, NotPrincipal],
  ].some((pair) => !pair.includes(undefined));
  if (actions === undefined || isTwofold || textsOf(Resource ?? NotResource ?? '*') === undefined) return 'syntax';
  const principals = principalsOf(Principal ?? NotPrincipal);
  if (principals === undefined) return 'principal';
  if (!actions.every((action) => isAction(action.toLowerCase(), grammar))) return 'action';
  if (!isCondition(Condition)) return 'condition';
  return { sid, actions, principals };
}

/** Undefined: not all of them can be anybody. */
function principalsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return isIdentity(value) ? [value] : undefined;
  if (!isObject(value)) return undefined;
  const all: string[] = [];
  for (const [kind, given] of Object.entries(value)) {
    const names = textsOf(given);
    if (names === undefined) return undefined;
    const isRight =
      kind === 'AWS'
        ? names.every(isIdentity)
        : kind === 'Service'
          ? names.every((name) => name === '*' || serviceName.test(name))
          : kind === 'Federated' || kind === 'CanonicalUser';
    if (!isRight) return undefined;
    all.push(...names);
  }
  return all.length === 0 ? undefined : all;
}

function isIdentity(name: string): boolean {
  return name === '*' || account.test(name) || identity.test(name);
}

/** A star alone is every action of every service. */
function isAction(action: string, { service, actions, wildcards }: Grammar): boolean {
  const hasWildcard = /[*?]/.test(action);
  if (hasWildcard && !wildcards) return false;
  if (action === '*') return true;
  const [prefix, name = ''] = action.split(':', 2);
  if (prefix !== service) return false;
  return hasWildcard ? [...actions].some((known) => matches(name, known)) : actions.has(name);
}

function isCondition(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isObject(value)) return false;
  return Object.entries(value).every(
    ([operator, keys]) =>
      isObject(keys) &&
      Object.entries(keys).every(([key, given]) => {
        const texts = textsOf(Array.isArray(given) ? given.map(textOf) : textOf(given));
        return texts !== undefined && conditionOf(operator, key, texts) !== undefined;
      }),
  );
}

/** Numbers and truths may stand for their texts in conditions. */
function textOf(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

function textsOf(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts: string[] = [];
  for (const text of values) {
    if (typeof text !== 'string') return undefined;
    texts.push(text);
  }
  return texts.length === 0 ? undefined : texts;
}

function hasOnly(value: Json, members: ReadonlySet<string>): boolean {
  return Object.keys(value).every((name) => members.has(name));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
