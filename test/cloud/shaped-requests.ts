// Requests of every operation, made from its shape: mostly what it takes, often at the edge of it, sometimes nonsense; written
// as each of the wires has them.

import type { Operation } from '../../broker/cloud/service.ts';
import type { Shape, StructureShape } from '../../broker/cloud/shape.ts';
import { CborEncoder } from '../../broker/cloud/wire/cbor-encoder.ts';
import type { Mutator } from './mutation.ts';

/** What is there, by the names of members that mean it: else most requests would find nothing. */
export type Known = Readonly<Record<string, readonly string[]>>;

/** JSON, with blobs as Buffers. */
export type Given = string | number | boolean | null | Buffer | readonly Given[] | { readonly [name: string]: Given };

export class Requests {
  readonly #random: Mutator;
  readonly #known: Known;

  constructor(random: Mutator, known: Known) {
    this.#random = random;
    this.#known = known;
  }

  of({ input }: Operation): { readonly [name: string]: Given } {
    return this.#structure(input, 0);
  }

  #structure({ entries }: StructureShape, depth: number): { readonly [name: string]: Given } {
    const result: Record<string, Given> = {};
    for (const [name, member] of entries) {
      const isThere = this.#random.pick(20) < (member.required ? 19 : 9);
      if (isThere && depth < 4) result[name] = this.#value(name, member, depth);
    }
    return result;
  }

  #value(name: string, shape: Shape, depth: number): Given {
    const random = this.#random;
    if (random.pick(25) === 0) return this.#nonsense();
    const known = this.#known[name];
    if (known !== undefined && shape.kind === 'string' && random.pick(8) > 0) return random.from(known);
    switch (shape.kind) {
      case 'string':
        if (shape.oneOf !== undefined && random.pick(10) > 0) return random.from(shape.oneOf);
        return this.#text(shape.max);
      case 'integer':
        return random.from([0, 1, 2, 10, shape.min ?? -1, shape.max ?? 100, (shape.max ?? 1000) + 1, -1, 2 ** 31, 1.5]);
      case 'boolean':
        return random.pick(2) === 0;
      case 'timestamp':
        return random.from([0, 1_700_000_000, 1_763_727_136.5, 1e15, -1]);
      case 'blob':
        return Buffer.from(this.#text(shape.max));
      case 'list':
        return Array.from({ length: random.from([0, 1, 1, 2, 3, 11]) }, () =>
          this.#value(name, shape.member, depth + 1),
        );
      case 'map': {
        const keys = this.#known[`${name}.key`] ?? ['a', 'b', ''];
        const length = random.from([0, 1, 1, 2, 3]);
        return Object.fromEntries(
          Array.from({ length }, () => [random.from(keys), this.#value(`${name}.value`, shape.of, depth + 1)]),
        );
      }
      case 'structure':
        return this.#structure(shape, depth + 1);
    }
  }

  #text(max = 100): string {
    const random = this.#random;
    return random.from([
      'a',
      'some text',
      '',
      'x'.repeat(Math.min(max, 2000)),
      'x'.repeat(Math.min(max, 2000) + 1),
      '<é & "😀">',
      '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
      '\u0000\u0001\uD800',
      '0',
      '-1',
      'true',
      '{"a":["b"]}',
      '{"maxReceiveCount":1}',
      '*',
      '..',
      '__proto__',
      'constructor',
    ]);
  }

  #nonsense(): Given {
    return this.#random.from<Given>([null, 0, -1.5, 1e300, true, '', 'x', [], {}, [[]], { a: null }, [null], [{}, 1]]);
  }
}

export function toJson(given: Given): string {
  return JSON.stringify(given, (_name, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'Buffer') return value;
    return 'data' in value && Array.isArray(value.data)
      ? Buffer.from(value.data as number[]).toString('base64')
      : value;
  });
}

export function toCbor(given: Given): Buffer {
  const encoder = new CborEncoder();
  const write = (value: Given): void => {
    if (typeof value === 'string') encoder.text(value);
    else if (typeof value === 'boolean') encoder.boolean(value);
    else if (typeof value === 'number') encoder.integer(Math.trunc(Math.max(-1e15, Math.min(1e15, value))));
    else if (value === null) encoder.boolean(false);
    else if (Buffer.isBuffer(value)) encoder.bytes(value);
    else if (Array.isArray(value)) {
      encoder.array(value.length);
      for (const item of value as readonly Given[]) write(item);
    } else {
      const pairs = Object.entries(value as { readonly [name: string]: Given });
      encoder.map(pairs.length);
      for (const [name, item] of pairs) {
        encoder.text(name);
        write(item);
      }
    }
  };
  write(given);
  return encoder.take();
}

/** As the service's SDKs flatten it, along the shape; what does not fit the shape is written as it comes. */
export function toForm({ input, name }: Operation, version: string, given: Given): URLSearchParams {
  const form = new URLSearchParams({ Action: name, Version: version });
  const write = (prefix: string, shape: Shape | undefined, value: Given): void => {
    if (value === null) return;
    if (Buffer.isBuffer(value)) form.append(prefix, value.toString('base64'));
    else if (Array.isArray(value)) {
      const items = value as readonly Given[];
      const member = shape?.kind === 'list' ? shape.member : undefined;
      const parent = shape?.kind === 'list' && shape.flat === undefined ? `${prefix}.member` : prefix;
      items.forEach((item, index) => write(`${parent}.${index + 1}`, member, item));
    } else if (typeof value === 'object') {
      const pairs = Object.entries(value as { readonly [name: string]: Given });
      if (shape?.kind === 'map') {
        const parent = shape.flat === undefined ? `${prefix}.entry` : prefix;
        pairs.forEach(([key, item], index) => {
          form.append(`${parent}.${index + 1}.${shape.key}`, key);
          write(`${parent}.${index + 1}.${shape.value}`, shape.of, item);
        });
        return;
      }
      const members = shape?.kind === 'structure' ? shape.members : {};
      for (const [member, item] of pairs) {
        const of = members[member];
        const flat = of?.kind === 'list' || of?.kind === 'map' ? of.flat : undefined;
        write(`${prefix === '' ? '' : `${prefix}.`}${flat ?? member}`, of, item);
      }
    } else form.append(prefix, String(value));
  };
  write('', input, given);
  return form;
}
