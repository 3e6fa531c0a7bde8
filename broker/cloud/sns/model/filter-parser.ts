// The text of a filter policy: its grammar is that of AWS's rule language (Event Ruler), as are the refusals, with the
// position at which the reader gave up. What comes out are alternatives (`$or` makes more than one), each a list of fields
// with the patterns of which one must hold.

import { InvalidAttribute, internalError } from './errors.ts';
import * as patterns from './filter-pattern.ts';
import type { Pattern } from './filter-pattern.ts';
import { JsonSyntaxError, JsonTokens } from './json-tokens.ts';

export interface Field {
  /** Names from the outermost inwards, joined by dots. */
  readonly path: string;
  readonly steps: readonly string[];
  readonly patterns: readonly Pattern[];
}

export type Alternative = readonly Field[];

/** Alternatives beyond this are more than any policy within the limits has. */
const mostAlternatives = 10_000;
const reservedInOr: ReadonlySet<string> = new Set(
  (
    'exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard ' +
    'not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ' +
    'ip-address-in-range ip-address-not-in-range'
  ).split(' '),
);

/** @throws InvalidAttribute, with the words after `FilterPolicy: `. */
export function parseFilter(text: string): readonly Alternative[] {
  try {
    return new FilterParser(isJson(text) ? withoutSpaces(text) : text).parse();
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new InvalidAttribute(`failed to parse JSON. ${error.message}`);
    throw error;
  }
}

/** What is JSON reaches AWS's reader of rules written anew: positions are of that, whatever spaces were sent. */
function withoutSpaces(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

class FilterParser {
  readonly #tokens: JsonTokens;

  constructor(text: string) {
    this.#tokens = new JsonTokens(text);
  }

  parse(): readonly Alternative[] {
    const { token } = this.#start();
    if (token !== 'start-object') this.#refuse('Filter is not an object');
    const found = this.#object([[]], [], false);
    if (this.#tokens.next() !== 'end') this.#refuse('Filter is not an object');
    return found;
  }

  #start(): JsonTokens {
    this.#tokens.next();
    return this.#tokens;
  }

  /** The members of an object, each of them adding its fields to all of the alternatives. */
  #object(given: readonly Alternative[], path: readonly string[], inOr: boolean): readonly Alternative[] {
    let alternatives = given;
    let empty = true;
    while (this.#tokens.next() !== 'end-object') {
      empty = false;
      const name = this.#tokens.text();
      if (inOr && reservedInOr.has(name)) {
        this.#refuse(`${name} is Ruler reserved fieldName which cannot be used inside $or.`);
      }
      const token = this.#tokens.next();
      const inner = [...path, name];
      if (name === '$or' && token === 'start-array') alternatives = this.#or(alternatives, path);
      else if (token === 'start-object') alternatives = this.#object(alternatives, inner, inOr);
      else if (token === 'start-array') alternatives = this.#rules(alternatives, inner);
      else this.#refuse(`"${name}" must be an object or an array`);
    }
    if (empty) this.#refuse('Empty objects are not allowed');
    return alternatives;
  }

  #or(given: readonly Alternative[], path: readonly string[]): readonly Alternative[] {
    const found: Alternative[] = [];
    let objects = 0;
    for (let token = this.#tokens.next(); token !== 'end-array'; token = this.#tokens.next()) {
      if (token !== 'start-object') this.#refuse('Only JSON object is allowed in array of $or relationship.');
      objects++;
      found.push(...this.#object(given, path, true));
      if (found.length > mostAlternatives) throw new InvalidAttribute('Filter policy is too complex');
    }
    if (objects < 2) this.#refuse('There must have at least 2 Objects in $or relationship.');
    return found;
  }

  #rules(given: readonly Alternative[], steps: readonly string[]): readonly Alternative[] {
    const found: Pattern[] = [];
    for (let token = this.#tokens.next(); token !== 'end-array'; token = this.#tokens.next()) {
      found.push(this.#rule(token));
    }
    if (found.length === 0) this.#refuse('Empty arrays are not allowed');
    const path = steps.join('.');
    return given.map((fields) => {
      if (fields.some((field) => field.path === path)) {
        this.#refuse(`Path \`${path}\` cannot be allowed multiple times`);
      }
      return [...fields, { path, steps, patterns: found }];
    });
  }

  #rule(token: string): Pattern {
    switch (token) {
      case 'start-object':
        return this.#expression();
      case 'string':
        return patterns.equals(this.#tokens.text());
      case 'integer':
      case 'float': {
        const number = Number(this.#tokens.text());
        if (!patterns.isInRange(number)) throw internalError();
        return patterns.equals(number);
      }
      case 'true':
      case 'false':
        return patterns.equals(token === 'true');
      case 'null':
        return patterns.equals(null);
      default:
        return this.#refuse('Match value must be String, number, true, false, or null');
    }
  }

  /** `{"prefix": "a"}`, from behind its brace to behind the other. */
  #expression(): Pattern {
    if (this.#tokens.next() !== 'field') this.#refuse('Match expression name not found');
    const name = this.#tokens.text();
    const pattern = this.#operator(name);
    if (this.#tokens.next() !== 'end-object') {
      this.#refuse(
        name === 'numeric' ? 'Too many elements in numeric expression' : 'Only one key allowed in match expression',
      );
    }
    return pattern;
  }

  #operator(name: string): Pattern {
    switch (name) {
      case 'exactly':
        return patterns.equals(this.#string('exact match pattern must be a string'));
      case 'prefix':
        return this.#affix(patterns.startsWith, 'prefix', 'Prefix');
      case 'suffix':
        return this.#affix(patterns.endsWith, 'suffix', 'Suffix');
      case 'equals-ignore-case':
        return patterns.equalsIgnoringCase(this.#string('equals-ignore-case match pattern must be a string'));
      case 'wildcard':
        return this.#made(patterns.wildcard, this.#string('wildcard match pattern must be a string'));
      case 'cidr':
        return this.#cidr();
      case 'exists':
        return this.#exists();
      case 'numeric':
        if (this.#tokens.next() !== 'start-array') this.#refuse('Value of numeric must be an array.');
        return this.#numeric();
      case 'anything-but':
        return this.#anythingBut();
      default:
        return this.#refuse(`Unrecognized match type ${name}`);
    }
  }

  #affix(make: (text: string, ignoreCase?: boolean) => Pattern, name: string, title: string): Pattern {
    const token = this.#tokens.next();
    if (token === 'string') return make(this.#tokens.text());
    if (token !== 'start-object') return this.#refuse(`${name} match pattern must be a string`);
    if (this.#tokens.next() !== 'field') this.#refuse(`${title} expression name not found`);
    const inner = this.#tokens.text();
    if (inner !== 'equals-ignore-case') this.#refuse(`Unsupported ${name} pattern: ${inner}`);
    const pattern = make(this.#string('equals-ignore-case match pattern must be a string'), true);
    if (this.#tokens.next() !== 'end-object') this.#refuse('Only one key allowed in match expression');
    return pattern;
  }

  /** What the address is wrong with is said without a position. */
  #cidr(): Pattern {
    const text = this.#string('prefix match pattern must be a string');
    try {
      return patterns.cidr(text);
    } catch (error) {
      throw error instanceof patterns.PatternError ? new InvalidAttribute(error.message) : error;
    }
  }

  #exists(): Pattern {
    const token = this.#tokens.next();
    if (token !== 'true' && token !== 'false') {
      this.#refuse('exists match pattern must be either true or false.');
    }
    return token === 'true' ? patterns.exists() : 'absent';
  }

  #numeric(): Pattern {
    if (this.#tokens.next() !== 'string') this.#refuse(`Invalid member in numeric match: ${this.#tokens.text()}`);
    const operator = this.#tokens.text();
    this.#tokens.next();
    if (operator === '=') {
      const value = this.#number('equals');
      this.#endOf('Too many elements in numeric expression');
      return patterns.equals(value);
    }
    if (operator === '<' || operator === '<=') {
      const top = { value: this.#number(operator), open: operator === '<' };
      this.#endOf('Too many elements in numeric expression');
      return this.#made(() => patterns.between(undefined, top), '');
    }
    if (operator !== '>' && operator !== '>=') this.#refuse(`Unrecognized numeric range operator: ${operator}`);
    const bottom = { value: this.#number(operator), open: operator === '>' };
    const token = this.#tokens.next();
    if (token === 'end-array') return this.#made(() => patterns.between(bottom, undefined), '');
    if (token !== 'string') this.#refuse(`Bad value in numeric range: ${this.#tokens.text()}`);
    const second = this.#tokens.text();
    if (second !== '<' && second !== '<=') this.#refuse(`Bad numeric range operator: ${second}`);
    this.#tokens.next();
    const top = { value: this.#number(second), open: second === '<' };
    this.#endOf('Too many terms in numeric range expression');
    return this.#made(() => patterns.between(bottom, top), '');
  }

  #anythingBut(): Pattern {
    const token = this.#tokens.next();
    if (token === 'start-object') return this.#anythingButLike();
    if (token === 'string') return patterns.noneOf([patterns.equals(this.#tokens.text())]);
    if (token === 'integer' || token === 'float') {
      return patterns.noneOf([patterns.equals(Number(this.#tokens.text()))]);
    }
    if (token !== 'start-array') {
      this.#refuse('Value of anything-but must be an array or single string/number value.');
    }
    const values: (string | number)[] = [];
    for (let item = this.#tokens.next(); item !== 'end-array'; item = this.#tokens.next()) {
      if (item === 'string') values.push(this.#tokens.text());
      else if (item === 'integer' || item === 'float') values.push(Number(this.#tokens.text()));
      else this.#refuse('Inside anything but list, start|null|boolean is not supported.');
    }
    if (new Set(values.map((value) => typeof value)).size !== 1) {
      this.#refuse('Inside anything but list, either all values are number or string, mixed type is not supported');
    }
    return patterns.noneOf(values.map((value) => patterns.equals(value)));
  }

  /** SNS takes fewer patterns here than the language has: no suffix. */
  #anythingButLike(): Pattern {
    if (this.#tokens.next() !== 'field') this.#refuse('Anything-But expression name not found');
    const name = this.#tokens.text();
    const make = anythingButPatterns.get(name);
    if (make === undefined) {
      return this.#refuse(`Unsupported anything-but pattern: ${name}`);
    }
    const texts = this.#texts(
      name === 'prefix' ? 'prefix match pattern must be a string' : `${name} match pattern must be a string`,
    );
    if (this.#tokens.next() !== 'end-object') this.#refuse('Only one key allowed in match expression');
    return patterns.noneOf(texts.map((text) => this.#made(make, text)));
  }

  /** One string, or a list of them. */
  #texts(refusal: string): readonly string[] {
    const token = this.#tokens.next();
    if (token === 'string') return [this.#tokens.text()];
    if (token !== 'start-array') this.#refuse(refusal);
    const texts: string[] = [];
    for (let item = this.#tokens.next(); item !== 'end-array'; item = this.#tokens.next()) {
      if (item !== 'string') this.#refuse(refusal);
      texts.push(this.#tokens.text());
    }
    if (texts.length === 0) this.#refuse('Empty arrays are not allowed');
    return texts;
  }

  #string(refusal: string): string {
    if (this.#tokens.next() !== 'string') this.#refuse(refusal);
    return this.#tokens.text();
  }

  #number(operator: string): number {
    const { token } = this.#tokens;
    if (token !== 'integer' && token !== 'float') this.#refuse(`Value of ${operator} must be numeric`);
    return Number(this.#tokens.text());
  }

  #endOf(refusal: string): void {
    if (this.#tokens.next() !== 'end-array') this.#refuse(refusal);
  }

  #made(make: (text: string) => Pattern, text: string): Pattern {
    try {
      return make(text);
    } catch (error) {
      if (error instanceof patterns.PatternError) this.#refuse(error.message);
      throw error;
    }
  }

  #refuse(message: string): never {
    throw new InvalidAttribute(`${message}\n${this.#tokens.location}`);
  }
}

const anythingButPatterns: ReadonlyMap<string, (text: string) => Pattern> = new Map<string, (text: string) => Pattern>([
  ['prefix', (text) => patterns.startsWith(text)],
  ['wildcard', patterns.wildcard],
  ['equals-ignore-case', patterns.equalsIgnoringCase],
]);
