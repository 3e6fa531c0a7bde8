// Whatever is mapped for SQS, SQS takes: names, types, values and sizes of attributes, by the rules of our own SendMessage.

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { mapToSqs } from '../../broker/bridge/endpoints/sqs.ts';
import { noRules, silent } from '../../broker/bridge/mapping.ts';
import {
  attributesSize,
  checkAttributes,
  propertiesSize,
  toAttribute,
} from '../../broker/cloud/sqs/model/message-attributes.ts';
import type { Property } from '../../broker/core/message.ts';
import { message } from '../support/messages.ts';

const name = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  fc.constantFrom('a'.repeat(256), 'a'.repeat(257), 'é'.repeat(200), 'a..b', '.a', 'a.', 'x.y.z', '-', 'À'),
  fc.constantFrom('AWS.x', 'Amazon.y', 'aws', 'content-type'),
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '\r', '\n', '\t', '\u0085', '\ud800', '\u0000'),
);
const label = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('int', 'é', 'x'.repeat(249), 'x'.repeat(250)));
const number = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }));
const decimal = fc.constantFrom('1.10', '-0.0', '1e126', '1e-129', '1E400', '0x10', 'NaN', '', '1'.repeat(34));
const value: fc.Arbitrary<Omit<Property, 'name'>> = fc.oneof(
  fc.record(
    { type: fc.constant('string' as const), value: text, label },
    { requiredKeys: ['type', 'value'], noNullPrototype: true },
  ),
  fc.record({ type: fc.constantFrom('double' as const, 'float' as const), value: fc.double() }),
  fc.record({ type: fc.constant('decimal' as const), value: decimal }),
  fc.record({ type: fc.constant('long' as const), value: number }),
  fc.record({ type: fc.constant('binary' as const), value: fc.uint8Array({ maxLength: 5 }) }),
  fc.record({ type: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.constant({ type: 'null' as const, value: null }),
);
const properties = fc.array(
  fc.tuple(name, value).map(([own, rest]): Property => ({ name: own, ...rest })),
  { maxLength: 14 },
);

it.each(['none', 'binary', 'structured'] as const)('attributes at random are taken (envelope: %s)', (envelope) => {
  const crossing = { death: undefined, key: undefined, path: 'a@12345678' };
  const arrival = { clock: { now: () => 1 }, account: '1', isFar: true };
  fc.assert(
    fc.property(properties, fc.constantFrom(300, 1000, 1024 * 1024), (given, maxBytes) => {
      const sent = message({ text: 'x', properties: given });
      const mapped = mapToSqs(sent, crossing, { ...noRules, envelope }, maxBytes, arrival, silent);
      if (mapped === undefined) return;
      const attributes = new Map(
        mapped.properties.map((property) => {
          const { DataType, StringValue, BinaryValue } = toAttribute(property)!;
          const none = { StringListValues: undefined, BinaryListValues: undefined };
          return [property.name, { DataType, StringValue, BinaryValue, ...none }];
        }),
      );
      expect(attributes.size).toBe(mapped.properties.length);
      const size = attributesSize(checkAttributes(attributes, 'reject'));
      expect(propertiesSize(mapped.properties)).toBe(size);
      expect(mapped.body.length + size).toBeLessThanOrEqual(maxBytes);
    }),
    { numRuns: 2000, seed: 20_261_121 },
  );
});
