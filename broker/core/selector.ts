// Message selectors (JMS 2.0, 3.8.1): SQL-92 conditions on headers and properties, compiled once to closures. What is absent
// is NULL, and NULL makes unknown: a message is selected only by what is known to be true.

import { BrokerError } from './errors.ts';
import { property } from './message.ts';
import type { Message, PropertyType } from './message.ts';
import { tokenize } from './selector-lexer.ts';
import type { Token } from './selector-lexer.ts';
import { likeMatcher } from './selector-like.ts';
import { and, arithmetic, compare, not, or, Real } from './selector-values.ts';
import type { Expression, Value } from './selector-values.ts';

export type Selector = (message: Message) => boolean;

export interface SelectorOptions {
  /** Strings that look like numbers compare as such: for STOMP, where every property is a string. */
  readonly convertStrings?: boolean;
}

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
