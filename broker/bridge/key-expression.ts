// Keys by expression: the group of a FIFO target, the partition key of a stream. Several are tried in turn.

import { BrokerError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import { property } from '../core/message.ts';
import { nearest } from '../util/nearest.ts';
import { compileJsonPath } from './json-path.ts';
import { allHeaders } from './mapping.ts';

/** Undefined: the message has no such thing. */
export type KeyExpression = (message: Message) => string | undefined;

/** Durability tells no messages apart. */
const headers = allHeaders.filter((header) => header !== 'durable');
const forms = 'header:NAME, property:NAME, topic-level:N, json:$.PATH, constant:TEXT or group';

/** @throws BrokerError `invalid`, with what is wrong. */
export function compileKey(texts: readonly string[]): KeyExpression {
  const expressions = texts.map(compileOne);
  const [first] = expressions;
  if (first === undefined) throw new BrokerError('invalid', `a key needs an expression: ${forms}`);
  if (expressions.length === 1) return first;
  return (message) => {
    for (const expression of expressions) {
      const key = expression(message);
      if (key !== undefined) return key;
    }
    return undefined;
  };
}

function compileOne(text: string): KeyExpression {
  if (text === 'group') return ({ groupId }) => nonEmpty(groupId);
  const colon = text.indexOf(':');
  const kind = text.slice(0, Math.max(colon, 0));
  const operand = text.slice(colon + 1);
  if (operand === '' || colon < 0) throw new BrokerError('invalid', `key "${text}": expected ${forms}`);
  switch (kind) {
    case 'header':
      return headerKey(operand);
    case 'property':
      return (message) => nonEmpty(property(message, operand)?.value);
    case 'topic-level':
      return levelKey(operand);
    case 'json': {
      const path = compileJsonPath(operand);
      return (message) => {
        return nonEmpty(path(message));
      };
    }
    case 'constant':
      return () => operand;
    default:
      throw new BrokerError('invalid', `key "${text}": expected ${forms}`);
  }
}

function headerKey(name: string): KeyExpression {
  const header = headers.find((candidate) => candidate === name);
  if (header === undefined) {
    const likely = nearest(name, headers);
    const hint = likely === undefined ? '' : `, did you mean ${likely}?`;
    throw new BrokerError('invalid', `key "header:${name}": no such header${hint}`);
  }
  return (message) => nonEmpty(message[header]);
}

function levelKey(operand: string): KeyExpression {
  const level = Number(operand);
  if (!Number.isInteger(level) || level < 1) {
    throw new BrokerError('invalid', `key "topic-level:${operand}": levels are counted from 1`);
  }
  return (message) => nonEmpty(topicLevel(message, level));
}

/** Of the destination that the message was sent to, the first being 1. */
export function topicLevel({ to, properties }: Message, level: number): string | undefined {
  // What came from SQS has its topic among its properties.
  const was = properties.find(({ name }) => name === 'destination')?.value;
  const address = typeof was === 'string' ? was : to;
  return address.slice(address.indexOf('://') + 3).split('.')[level - 1];
}

function nonEmpty(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' ? undefined : value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : undefined;
  }
}
