// Values of message selectors, and what is done with them (JMS 2.0, 3.8.1): three-valued logic, comparison, and arithmetic as
// Java's, exact with whole numbers and approximate with others.

import type { Message } from './message.ts';

/** A number that is approximate even where it is whole: it divides as such. */
export class Real {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** undefined is NULL, and as a truth value unknown. */
export type Value = string | number | bigint | Real | boolean | undefined;
export type Expression = (message: Message) => Value;

// ---- three-valued logic

export function and(left: Expression, right: Expression): Expression {
  return (message) => {
    const first = truth(left(message));
    if (first === false) return false;
    const second = truth(right(message));
    if (second === false) return false;
    return first === undefined || second === undefined ? undefined : true;
  };
}

export function or(left: Expression, right: Expression): Expression {
  return (message) => {
    const first = truth(left(message));
    if (first === true) return true;
    const second = truth(right(message));
    if (second === true) return true;
    return first === undefined || second === undefined ? undefined : false;
  };
}

export function not(operand: Expression): Expression {
  return (message) => {
    const value = truth(operand(message));
    return value === undefined ? undefined : !value;
  };
}

/** What is no truth value is not known to be true. */
function truth(value: Value): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

// ---- comparison and arithmetic

type Operator = '+' | '-' | '*' | '/';
type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** "If the comparison of non-like type values is attempted, the value of the operation is false" (3.8.1.1). */
export function compare(operator: Comparison, left: Expression, right: Expression, convert: boolean): Expression {
  return (message) => {
    const a = plain(left(message));
    const b = plain(right(message));
    if (a === undefined || b === undefined) return undefined;
    const [x, y] = convert ? converted(a, b) : [a, b];
    if (isNumber(x) && isNumber(y)) return ordered(operator, x, y);
    if (typeof x !== typeof y) return false;
    // Strings and booleans are equal or not; they have no order.
    return operator === '=' ? x === y : operator === '<>' && x !== y;
  };
}

function ordered(operator: Comparison, x: number | bigint, y: number | bigint): boolean {
  switch (operator) {
    // A number and a bigint of the same value are the same.
    case '=':
      return !(x < y) && !(x > y) && !isNaNumber(x) && !isNaNumber(y);
    case '<>':
      return !ordered('=', x, y);
    case '<':
      return x < y;
    case '<=':
      return x <= y;
    case '>':
      return x > y;
    case '>=':
      return x >= y;
  }
}

export function arithmetic(operator: Operator, left: Expression, right: Expression, convert: boolean): Expression {
  return (message) => {
    const a = left(message);
    const b = right(message);
    const x = convert && typeof a === 'string' ? (asNumber(a) ?? a) : a;
    const y = convert && typeof b === 'string' ? (asNumber(b) ?? b) : b;
    const [p, q] = [plain(x), plain(y)];
    if (!isNumber(p) || !isNumber(q)) return undefined;
    const isExact = isInteger(x) && isInteger(y);
    return isExact ? calculateExactly(operator, p, q) : new Real(calculate(operator, Number(p), Number(q)));
  };
}

function calculate(operator: Operator, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
  }
}

/** As Java's long: a quotient is cut to a whole number; what divides by zero is unknown. */
function calculateExactly(operator: Operator, x: number | bigint, y: number | bigint): Value {
  if (operator === '/' && Number(y) === 0) return undefined;
  const quick = calculate(operator, Number(x), Number(y));
  const isSafe = typeof x === 'number' && typeof y === 'number' && Math.abs(quick) <= Number.MAX_SAFE_INTEGER;
  return isSafe ? Math.trunc(quick) : calculateLong(operator, BigInt(x), BigInt(y));
}

function calculateLong(operator: Operator, x: bigint, y: bigint): bigint {
  switch (operator) {
    case '+':
      return BigInt.asIntN(64, x + y);
    case '-':
      return BigInt.asIntN(64, x - y);
    case '*':
      return BigInt.asIntN(64, x * y);
    case '/':
      return x / y;
  }
}

type Plain = Exclude<Value, Real | undefined>;

function plain(value: Value): Plain | undefined {
  return value instanceof Real ? value.value : value;
}

function converted(a: Plain, b: Plain): readonly [Plain, Plain] {
  if (typeof a === 'string' && isNumber(b)) return [asNumber(a) ?? a, b];
  if (typeof b === 'string' && isNumber(a)) return [a, asNumber(b) ?? b];
  if (typeof a === 'string' && typeof b === 'boolean') return [asBoolean(a) ?? a, b];
  if (typeof b === 'string' && typeof a === 'boolean') return [a, asBoolean(b) ?? b];
  return [a, b];
}

function asNumber(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

function asBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isNaNumber(value: number | bigint): boolean {
  return typeof value === 'number' && Number.isNaN(value);
}

function isInteger(value: Value): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}
