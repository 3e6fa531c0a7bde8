// Message selectors (JMS 2.0, 3.8.1): SQL-92 conditions on headers and properties, compiled once to closures. What is absent
// is NULL, and NULL makes unknown: a message is selected only by what is known to be true.

import { BrokerError } from './errors.ts';
import { property } from './message.ts';
import type { Message, PropertyType } from './message.ts';
import { tokenize } from './selector-lexer.ts';
import type { Token } from './selector-lexer.ts';

export type Selector = (message: Message) => boolean;

export interface SelectorOptions {
  /** Strings that look like numbers compare as such: for STOMP, where every property is a string. */
  readonly convertStrings?: boolean;
}

/** A number that is approximate even where it is whole: it divides as such. */
class Real {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** undefined is NULL, and as a truth value unknown. */
type Value = string | number | bigint | Real | boolean | undefined;
type Expression = (message: Message) => Value;

const longestSelector = 64 * 1024;
const deepestNesting = 200;

/**
 * Compiles a selector; a blank one selects everything.
 * @throws BrokerError `invalid`, with what is wrong and where.
 */
export function compileSelector(text: string, options: SelectorOptions = {}): Selector {
  if (text.trim() === '') return () => true;
  if (text.length > longestSelector) throw new BrokerError('invalid', 'selector: longer than 64 KiB');
  const condition = new Parser(tokenize(text), options.convertStrings === true).parse();
  return (message) => condition(message) === true;
}

/** Headers by the names that JMS gives them (3.8.1.1). */
const headers: Readonly<Record<string, (message: Message) => Value>> = {
  JMSMessageID: ({ id }) => id,
  JMSCorrelationID: ({ correlationId }) => correlationId,
  JMSType: ({ type }) => type,
  JMSPriority: ({ priority }) => priority,
  JMSTimestamp: ({ timestamp }) => timestamp,
  JMSDeliveryMode: ({ durable }) => (durable ? 'PERSISTENT' : 'NON_PERSISTENT'),
  JMSExpiration: ({ expiresAt }) => expiresAt ?? 0,
  JMSDestination: ({ to }) => to,
  JMSReplyTo: ({ replyTo }) => replyTo,
  JMSXGroupID: ({ groupId }) => groupId,
  JMSXGroupSeq: ({ groupSequence }) => groupSequence,
  JMSXUserID: ({ userId }) => userId,
};

class Parser {
  readonly #tokens: readonly Token[];
  readonly #convert: boolean;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], convert: boolean) {
    this.#tokens = tokens;
    this.#convert = convert;
  }

  parse(): Expression {
    const condition = this.#or();
    if (this.#token.kind !== 'end') this.#refuse('expected the end');
    return condition;
  }

  // ---- the grammar, the loosest binding first

  #or(): Expression {
    let left = this.#and();
    while (this.#takeKeyword('OR')) left = or(left, this.#and());
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#takeKeyword('AND')) left = and(left, this.#not());
    return left;
  }

  #not(): Expression {
    if (!this.#takeKeyword('NOT')) return this.#predicate();
    return this.#nested(() => not(this.#not()));
  }

  #predicate(): Expression {
    let left = this.#sum();
    for (;;) {
      const negated = this.#takeKeyword('NOT');
      const wrap = (test: Expression): Expression => (negated ? not(test) : test);
      if (this.#takeKeyword('BETWEEN')) left = wrap(this.#between(left));
      else if (this.#takeKeyword('IN')) left = wrap(this.#in(left));
      else if (this.#takeKeyword('LIKE')) left = wrap(this.#like(left));
      else if (negated) this.#refuse('expected BETWEEN, IN or LIKE after NOT');
      else if (this.#takeKeyword('IS')) left = this.#isNull(left);
      else {
        const operator = this.#takeOperator('=', '<>', '<=', '>=', '<', '>');
        if (operator === undefined) return left;
        left = compare(operator, left, this.#sum(), this.#convert);
      }
    }
  }

  #between(value: Expression): Expression {
    const low = this.#sum();
    if (!this.#takeKeyword('AND')) this.#refuse('expected AND of BETWEEN');
    const high = this.#sum();
    return and(compare('>=', value, low, this.#convert), compare('<=', value, high, this.#convert));
  }

  #in(value: Expression): Expression {
    if (this.#takeOperator('(') === undefined) this.#refuse('expected ( after IN');
    const members = new Set<string>();
    do members.add(this.#string('in the list of IN'));
    while (this.#takeOperator(',') !== undefined);
    if (this.#takeOperator(')') === undefined) this.#refuse('expected ) after the list of IN');
    return (message) => {
      const candidate = value(message);
      return candidate === undefined ? undefined : typeof candidate === 'string' && members.has(candidate);
    };
  }

  #like(value: Expression): Expression {
    const pattern = this.#string('after LIKE');
    const escape = this.#takeKeyword('ESCAPE') ? this.#string('after ESCAPE') : undefined;
    if (escape !== undefined && Array.from(escape).length !== 1) this.#refuse('ESCAPE takes a single character');
    const matches = likeMatcher(pattern, escape);
    return (message) => {
      const candidate = value(message);
      return candidate === undefined ? undefined : typeof candidate === 'string' && matches(candidate);
    };
  }

  #isNull(value: Expression): Expression {
    const negated = this.#takeKeyword('NOT');
    if (!this.#takeKeyword('NULL')) this.#refuse('expected NULL or NOT NULL after IS');
    return (message) => (value(message) === undefined) !== negated;
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const operator = this.#takeOperator('+', '-');
      if (operator === undefined) return left;
      left = arithmetic(operator, left, this.#product(), this.#convert);
    }
  }

  #product(): Expression {
    let left = this.#unary();
    for (;;) {
      const operator = this.#takeOperator('*', '/');
      if (operator === undefined) return left;
      left = arithmetic(operator, left, this.#unary(), this.#convert);
    }
  }

  #unary(): Expression {
    const sign = this.#takeOperator('-', '+');
    if (sign === undefined) return this.#primary();
    return this.#nested(() => {
      const operand = this.#unary();
      return sign === '+' ? operand : arithmetic('-', () => 0, operand, this.#convert);
    });
  }

  #primary(): Expression {
    const token = this.#token;
    this.#at++;
    if (token.kind === 'number') return constant(token.isExact ? token.value : new Real(Number(token.value)));
    if (token.kind === 'string') return constant(token.text);
    if (token.kind === 'identifier') return field(token.text);
    if (token.text === 'TRUE' || token.text === 'FALSE') return constant(token.text === 'TRUE');
    if (token.text === 'NULL') return constant(undefined);
    if (token.text !== '(') {
      this.#at--;
      this.#refuse('expected a value');
    }
    return this.#nested(() => {
      const inner = this.#or();
      if (this.#takeOperator(')') === undefined) this.#refuse('expected )');
      return inner;
    });
  }

  // ---- tokens

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #takeKeyword(text: string): boolean {
    const { kind, text: found } = this.#token;
    if (kind !== 'keyword' || found !== text) return false;
    this.#at++;
    return true;
  }

  #takeOperator<Text extends string>(...texts: readonly Text[]): Text | undefined {
    const { kind, text } = this.#token;
    const found = kind === 'operator' ? texts.find((candidate) => candidate === text) : undefined;
    if (found !== undefined) this.#at++;
    return found;
  }

  #string(where: string): string {
    const token = this.#token;
    if (token.kind !== 'string') this.#refuse(`expected a string ${where}`);
    this.#at++;
    return token.text;
  }

  #nested(parse: () => Expression): Expression {
    if (++this.#depth > deepestNesting) this.#refuse('nested too deeply');
    const result = parse();
    this.#depth--;
    return result;
  }

  #refuse(problem: string): never {
    const { text, at, kind } = this.#token;
    throw new BrokerError(
      'invalid',
      `selector: ${problem}, not ${kind === 'end' ? 'the end' : `"${text}"`}, at ${at + 1}`,
    );
  }
}

function constant(value: Value): Expression {
  return () => value;
}

const approximate: ReadonlySet<PropertyType> = new Set(['float', 'double', 'decimal']);

function field(name: string): Expression {
  if (Object.hasOwn(headers, name)) return headers[name]!;
  return (message) => {
    const found = property(message, name);
    if (found === undefined) return undefined;
    const { type, value } = found;
    if (value === null || typeof value === 'object') return undefined;
    return approximate.has(type) ? new Real(Number(value)) : value;
  };
}

// ---- three-valued logic

function and(left: Expression, right: Expression): Expression {
  return (message) => {
    const first = truth(left(message));
    if (first === false) return false;
    const second = truth(right(message));
    if (second === false) return false;
    return first === undefined || second === undefined ? undefined : true;
  };
}

function or(left: Expression, right: Expression): Expression {
  return (message) => {
    const first = truth(left(message));
    if (first === true) return true;
    const second = truth(right(message));
    if (second === true) return true;
    return first === undefined || second === undefined ? undefined : false;
  };
}

function not(operand: Expression): Expression {
  return (message) => {
    const value = truth(operand(message));
    return value === undefined ? undefined : !value;
  };
}

/** What is no truth value is not known to be true. */
function truth(value: Value): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

// ---- values

type Operator = '+' | '-' | '*' | '/';
type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** "If the comparison of non-like type values is attempted, the value of the operation is false" (3.8.1.1). */
function compare(operator: Comparison, left: Expression, right: Expression, convert: boolean): Expression {
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

function arithmetic(
  operator: '+' | '-' | '*' | '/',
  left: Expression,
  right: Expression,
  convert: boolean,
): Expression {
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

/** One character, any character, or any run of them. */
type LikeElement = string | typeof anyOne | typeof anyRun;
const anyOne = Symbol('_');
const anyRun = Symbol('%');

/** Matches in time proportional to text times pattern, whatever the pattern: a run is tried again only from the last one. */
function likeMatcher(pattern: string, escape: string | undefined): (text: string) => boolean {
  const elements = likeElements(pattern, escape);
  return (text) => {
    const characters = Array.from(text);
    let at = 0;
    let element = 0;
    let run = -1;
    let runAt = 0;
    while (at < characters.length) {
      const expected = elements[element];
      if (expected === anyRun) {
        run = element++;
        runAt = at;
      } else if (expected === anyOne || expected === characters[at]) {
        at++;
        element++;
      } else if (run >= 0) {
        at = ++runAt;
        element = run + 1;
      } else return false;
    }
    while (elements[element] === anyRun) element++;
    return element === elements.length;
  };
}

function likeElements(pattern: string, escape: string | undefined): LikeElement[] {
  const elements: LikeElement[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (!escaped && character === escape) {
      escaped = true;
      continue;
    }
    elements.push(escaped ? character : character === '%' ? anyRun : character === '_' ? anyOne : character);
    escaped = false;
  }
  return elements;
}
