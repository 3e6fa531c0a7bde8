// Bodies of maps under what no sender means: every text is a typed value or a reason, and a map that was written is read
// back as it was.

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { mapOfBody, parseTransformation, transformed } from '../../../broker/protocols/stomp/transformation.ts';
import { message } from '../../support/messages.ts';

const seed = 20_261_121;

const leaf = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value')),
  ),
}));
/** Jettison's JSON groups the items of a list by their types: only where there is one does their order survive. */
const { plain } = fc.letrec<{ plain: unknown }>((tie) => ({
  plain: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(fc.string(), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('plain')),
  ),
}));

it.each([
  ['jms-map-xml', value],
  ['jms-map-json', plain],
])('reads what it wrote, as %s', (name, values) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), values, { maxKeys: 5 }), (sent) => {
      const text = JSON.stringify(sent);
      const form = transformed(message({ text, bodyType: 'value' }), parseTransformation(name));
      const read = mapOfBody(name, form!.body);
      expect(JSON.parse(read !== undefined && 'json' in read ? read.json : '')).toEqual(JSON.parse(text));
    }),
    { seed, numRuns: 500 },
  );
});

const parts = [
  '<map>',
  '</map>',
  '<entry>',
  '</entry>',
  '<string>',
  '</string>',
  '<int>',
  '</int>',
  '<null/>',
  '<a b="c">',
  '&amp;',
  '&#x;',
  '&',
  '<',
  '>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '{"map":',
  '{"entry":[',
  '{"string":["a","b"]}',
  ']}',
  '}',
  ',',
  '"$":1',
  '5',
  ' ',
  'x',
];

it.each(['jms-map-xml', 'jms-map-json'])('takes any text for a value or gives a reason, as %s', (name) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 40 }), fc.string(), (pieces, noise) => {
      const result = mapOfBody(name, Buffer.from(pieces.join('') + noise));
      if (result !== undefined && 'json' in result) JSON.parse(result.json);
      else expect(result?.error).toMatch(/./);
    }),
    { seed, numRuns: 5000 },
  );
});

it.each([
  ['jms-map-xml', '<map>'.repeat(400_000)],
  ['jms-map-xml', `<map>${'<'.repeat(400_000)}`],
  ['jms-map-xml', `<map ${'a '.repeat(400_000)}`],
  ['jms-map-xml', `<map>${'<!--'.repeat(100_000)}`],
  ['jms-map-xml', `<map>${'&'.repeat(400_000)}</map>`],
  ['jms-map-json', '{"map":'.repeat(100_000)],
])('does not choke on a long %s', (name, body) => {
  const result = mapOfBody(name, Buffer.from(body));
  expect(result).toHaveProperty('error');
});
