// Which messages a route takes, by what they say: a selector, a place in their JSON, or a level of their topic.

import { BrokerError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import { compileSelector } from '../core/selector.ts';
import { compileJsonPath } from './json-path.ts';
import { topicLevel } from './key-expression.ts';

/** All that are there must hold. */
export interface Condition {
  readonly selector?: string | undefined;
  /** A path, with what stands there. */
  readonly json?: string | undefined;
  readonly topicLevel?: number | undefined;
  /** Of `json` and `topicLevel`. */
  readonly equals?: string | number | boolean | null | undefined;
}

export type Choice = (message: Message) => boolean;

/** @throws BrokerError `invalid`, with what is wrong. */
export function compileCondition({ selector, json, topicLevel: level, equals }: Condition): Choice {
  const tests: Choice[] = [];
  if ((json !== undefined || level !== undefined) === (equals === undefined)) {
    throw new BrokerError('invalid', 'equals belongs to json or topicLevel');
  }
  if (selector !== undefined) tests.push(compileSelector(selector));
  if (json !== undefined) {
    const path = compileJsonPath(json);
    tests.push((message) => path(message) === equals);
  }
  if (level !== undefined) tests.push((message) => topicLevel(message, level) === String(equals));
  if (tests.length === 0) throw new BrokerError('invalid', 'a condition needs selector, json or topicLevel');
  return (message) => tests.every((test) => test(message));
}
