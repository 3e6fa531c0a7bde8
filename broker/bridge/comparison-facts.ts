// What a comparison keeps of a message: by what it is known, what it is in order with, and digests of what is compared. The
// message itself is not kept.

import { hash } from 'node:crypto';
import type { Message } from '../core/message.ts';
import { compileJsonPath } from './json-path.ts';
import { compileKey } from './key-expression.ts';
import { jsonOf, sortedJson } from './sorted-json.ts';

export interface Facts {
  readonly key: string;
  /** For people. */
  readonly id: string;
  /** Within it, the order is compared. */
  readonly group: string;
  /** Of each thing that is compared, in their order. */
  readonly compared: readonly Compared[];
}

export interface Compared {
  readonly name: string;
  readonly digest: string;
  /** Only while there are too few examples, and if it is small. */
  readonly value?: string;
}

export type ReadCompared = (message: Message, withValues: boolean) => readonly Compared[];

const largestValue = 2048;

/** `fields`: `body`, and what keys are made of; absent: the body. @throws BrokerError `invalid` for one that is none. */
export function comparedReader(fields: readonly string[] = ['body']): ReadCompared {
  const readers = fields.map((name) => ({ name, read: comparable(name) }));
  return (message, withValues) =>
    readers.map(({ name, read }) => {
      const value = read(message);
      const digest = value === undefined ? '' : digestOf(value);
      const isKept = withValues && value !== undefined && value.length <= largestValue;
      return isKept ? { name, digest, value } : { name, digest };
    });
}

function comparable(name: string): (message: Message) => string | undefined {
  if (name === 'body') return comparableBody;
  if (!name.startsWith('json:')) return compileKey([name]);
  const path = compileJsonPath(name.slice('json:'.length));
  return (message) => {
    const value = path(message);
    return value === undefined ? undefined : sortedJson(value);
  };
}

/** Of JSON, what it says: neither white space nor the order of members matter. Of anything else, its bytes. */
function comparableBody({ body }: Message): string {
  const value = jsonOf(body);
  return (value === undefined ? undefined : sortedJson(value)) ?? body.toString('latin1');
}

/** 96 bits. */
export function digestOf(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 16);
}
