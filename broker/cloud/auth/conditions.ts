// Condition elements (IAM User Guide, "IAM JSON policy elements: Condition operators"). Names of operators and keys are taken
// in any case, as AWS takes keys.

import { BlockList, isIP } from 'node:net';
import { matches } from './glob.ts';
import { expand } from './variables.ts';

/** What is known of a request, by key in lower case. Undefined: the key is not there. */
export interface Context {
  values(key: string): readonly string[] | undefined;
}

export interface Condition {
  readonly key: string;
  readonly operator: Operator;
  readonly quantifier: 'all' | 'any' | undefined;
  readonly ifExists: boolean;
  readonly values: readonly string[];
}

interface Operator {
  /** The opposite is wanted, and of all of the values. */
  readonly negated?: true;
  /** Wanted values are patterns. */
  readonly isPattern?: true;
  /** It looks at whether the key is there. */
  readonly isNull?: true;
  test(actual: string, wanted: string): boolean;
}

const stringEquals: Operator = { test: (actual, wanted) => actual === wanted };
const ignoringCase: Operator = { test: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase() };
const like: Operator = { isPattern: true, test: (actual, wanted) => matches(wanted, actual) };
const arn: Operator = { isPattern: true, test: arnMatches };
const ip: Operator = { test: isInRange };
const numbers = (compare: (a: number, b: number) => boolean): Operator => ({
  test: (actual, wanted) => compare(numberOf(actual), numberOf(wanted)),
});
const dates = (compare: (a: number, b: number) => boolean): Operator => ({
  test: (actual, wanted) => compare(timeOf(actual), timeOf(wanted)),
});
const not = (operator: Operator): Operator => ({ ...operator, negated: true });
const equal = (a: number, b: number): boolean => a === b;
const less = (a: number, b: number): boolean => a < b;
const lessOrEqual = (a: number, b: number): boolean => a <= b;
const greater = (a: number, b: number): boolean => a > b;
const greaterOrEqual = (a: number, b: number): boolean => a >= b;

const operators: ReadonlyMap<string, Operator> = new Map([
  ['stringequals', stringEquals],
  ['stringnotequals', not(stringEquals)],
  ['stringequalsignorecase', ignoringCase],
  ['stringnotequalsignorecase', not(ignoringCase)],
  ['stringlike', like],
  ['stringnotlike', not(like)],
  ['numericequals', numbers(equal)],
  ['numericnotequals', not(numbers(equal))],
  ['numericlessthan', numbers(less)],
  ['numericlessthanequals', numbers(lessOrEqual)],
  ['numericgreaterthan', numbers(greater)],
  ['numericgreaterthanequals', numbers(greaterOrEqual)],
  ['dateequals', dates(equal)],
  ['datenotequals', not(dates(equal))],
  ['datelessthan', dates(less)],
  ['datelessthanequals', dates(lessOrEqual)],
  ['dategreaterthan', dates(greater)],
  ['dategreaterthanequals', dates(greaterOrEqual)],
  ['bool', ignoringCase],
  ['binaryequals', stringEquals],
  ['ipaddress', ip],
  ['notipaddress', not(ip)],
  ['arnequals', arn],
  ['arnlike', arn],
  ['arnnotequals', not(arn)],
  ['arnnotlike', not(arn)],
  ['null', { ...ignoringCase, isNull: true }],
]);

/** Undefined: it is none that there is. */
export function conditionOf(name: string, key: string, values: readonly string[]): Condition | undefined {
  const [, set, base = '', exists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/i.exec(name) ?? [];
  const operator = operators.get(base.toLowerCase());
  if (operator === undefined || (operator.isNull === true && exists !== undefined)) return undefined;
  const quantifier = set === undefined ? undefined : set.toLowerCase() === 'forallvalues' ? 'all' : 'any';
  return { key: key.toLowerCase(), operator, quantifier, ifExists: exists !== undefined, values };
}

/** `hasVariables`: of the values. */
export function holds(condition: Condition, context: Context, hasVariables: boolean): boolean {
  const { key, operator, quantifier, ifExists, values } = condition;
  const actual = context.values(key);
  if (operator.isNull === true) return values.some((wanted) => operator.test(String(actual === undefined), wanted));
  // "If the key that you specify in a policy condition is not present": what is negated holds then.
  if (actual === undefined) return ifExists || quantifier === 'all' || (operator.negated ?? false);
  const satisfies = (one: string): boolean => {
    const isAmong = values.some((value) => {
      const wanted = hasVariables ? expand(value, context, operator.isPattern ?? false) : value;
      return wanted !== undefined && operator.test(one, wanted);
    });
    return isAmong !== (operator.negated ?? false);
  };
  const all = quantifier === undefined ? (operator.negated ?? false) : quantifier === 'all';
  return all ? actual.every(satisfies) : actual.some(satisfies);
}

/** Each of the six parts by itself: a wildcard does not reach into the next. */
function arnMatches(actual: string, wanted: string): boolean {
  const given = partsOf(actual);
  const patterns = partsOf(wanted);
  return patterns.length === given.length && patterns.every((pattern, index) => matches(pattern, given[index]!));
}

function partsOf(text: string): readonly string[] {
  const parts = text.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function isInRange(actual: string, wanted: string): boolean {
  const [network = '', prefix] = wanted.split('/');
  const [kind, version] = [isIP(actual), isIP(network)];
  if (kind === 0 || kind !== version) return false;
  const family = kind === 4 ? 'ipv4' : 'ipv6';
  const most = kind === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= most)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(actual, family);
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** ISO 8601, or seconds since the epoch. */
function timeOf(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}
