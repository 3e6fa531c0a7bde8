// A typed value, which other dialects and services carry as JSON, as AMQP's own: what a receiver of AMQP, or of JMS, takes for a
// map, a list or a number. JSON has fewer types than AMQP: whole numbers are int or long, others double.

import type { Value } from '../codec/value.ts';

const mostLevels = 64;

/** Undefined for what is no JSON, or is nested too deeply: it is a text. */
export function valueOfJson(text: string): Value | undefined {
  try {
    const value: unknown = JSON.parse(text, exactly);
    return valueOf(value, 0);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Integers that a number cannot hold. */
function exactly(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

function valueOf(value: unknown, level: number): Value {
  if (level > mostLevels) throw new RangeError('nested too deeply');
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return typeof value === 'string' ? { type: 'string', value } : { type: 'boolean', value };
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? { type: 'long', value } : { type: 'string', value: String(value) };
    case 'number':
      return numberOf(value);
    default:
      if (Array.isArray(value)) return { type: 'list', value: value.map((item: unknown) => valueOf(item, level + 1)) };
      if (typeof value !== 'object' || value === null) return { type: 'null', value: null };
      return {
        type: 'map',
        value: Object.entries(value).map(([key, item]: [string, unknown]) => [
          { type: 'string', value: key },
          valueOf(item, level + 1),
        ]),
      };
  }
}

/** Minus nought is no whole number of AMQP. */
function numberOf(value: number): Value {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return { type: 'double', value };
  return value === (value | 0) ? { type: 'int', value } : { type: 'long', value: BigInt(value) };
}
