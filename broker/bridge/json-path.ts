// Paths into JSON, as far as choosing and keys need them: `$`, `.name`, `['name']`, `[0]` (RFC 9535, without filters and
// wildcards).

import type { Message } from '../core/message.ts';
import { BrokerError } from '../core/errors.ts';

type Step = string | number;
export type JsonPath = (message: Message) => unknown;

const stepPattern = /\.([\p{L}_$][\p{L}\p{N}_$-]*)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/uy;

/** @throws BrokerError `invalid`, with what is wrong. */
export function compileJsonPath(text: string): JsonPath {
  const steps = parse(text);
  return (message) => {
    let value = bodyOf(message);
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = Reflect.get(value, step);
    }
    return value;
  };
}

function parse(text: string): readonly Step[] {
  if (!text.startsWith('$')) throw new BrokerError('invalid', `JSON path "${text}" does not begin with $`);
  const steps: Step[] = [];
  stepPattern.lastIndex = 1;
  while (stepPattern.lastIndex < text.length) {
    const at = stepPattern.lastIndex;
    const found = stepPattern.exec(text);
    if (found === null) {
      throw new BrokerError('invalid', `JSON path "${text}": not understood from character ${at + 1}`);
    }
    const [, name, index, single, double] = found;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(name ?? (single ?? double ?? '').replaceAll(/\\(.)/g, '$1'));
  }
  return steps;
}

/** The message that was parsed last: several expressions look into the same one. */
let parsed: { readonly body: Buffer; readonly value: unknown } | undefined;

function bodyOf({ body }: Message): unknown {
  if (parsed?.body === body) return parsed.value;
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    value = undefined;
  }
  parsed = { body, value };
  return value;
}
