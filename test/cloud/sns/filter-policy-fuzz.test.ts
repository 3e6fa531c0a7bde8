// Spoiled filter policies: each is compiled or refused in words, none takes long, and what compiles can be asked.

import { expect, it } from 'vitest';
import { AwsError } from '../../../broker/cloud/errors.ts';
import { InvalidAttribute } from '../../../broker/cloud/sns/model/errors.ts';
import { accepts, compileFilter, fieldsOfBody } from '../../../broker/cloud/sns/model/filter-policy.ts';
import { JsonSyntaxError, JsonTokens } from '../../../broker/cloud/sns/model/json-tokens.ts';
import { Mutator } from '../mutation.ts';

const seed = 20_261_121;

const policies = [
  '{"store":["example_corp",{"prefix":"a"},{"suffix":"z"},{"equals-ignore-case":"X"}]}',
  '{"price":[{"numeric":[">",0,"<=",100]},{"numeric":["=",-1.5e3]}],"n":[null,true,false,12.5]}',
  '{"a":{"b":[{"anything-but":["x","y"]},{"anything-but":{"prefix":"p"}},{"wildcard":"a*\\\\*b"}]}}',
  '{"$or":[{"ip":[{"cidr":"10.0.0.0/24"}]},{"ip6":[{"cidr":"2001:db8::/32"}]}],"e":[{"exists":false}]}',
  '{"u":["\\u00e9\\n\\"😀"], "v" : [ 1 , 2 ] }',
];

it(`compile or are refused, seed ${seed}`, () => {
  const mutator = new Mutator(seed);
  const fields = fieldsOfBody('{"store":"abc","price":5,"n":null,"a":{"b":["x",1]},"ip":"10.0.0.1","u":"é"}')!;
  const outcomes = { compiled: 0, refused: 0 };
  for (let round = 0; round < 30_000; round++) {
    const text = mutator.mutate(Buffer.from(mutator.from(policies))).toString();
    try {
      accepts(compileFilter(text, 'MessageBody'), fields);
      outcomes.compiled++;
    } catch (error) {
      if (!(error instanceof InvalidAttribute || error instanceof AwsError)) {
        throw new Error(`neither compiled nor refused: ${text}`, { cause: error });
      }
      outcomes.refused++;
    }
  }
  expect(outcomes.compiled).toBeGreaterThan(500);
  expect(outcomes.refused).toBeGreaterThan(5000);
});

it(`are read as JSON exactly when they are JSON, seed ${seed}`, () => {
  const mutator = new Mutator(seed + 1);
  for (let round = 0; round < 20_000; round++) {
    const text = mutator.mutate(Buffer.from(mutator.from(policies))).toString();
    expect([text, isReadAsJson(text)]).toEqual([text, isJson(text)]);
  }
});

it('take no time to speak of where they are built to take long', () => {
  for (const text of [
    '['.repeat(200_000),
    '{"a":'.repeat(40_000),
    `{"$or":[${'{"$or":['.repeat(20_000)}`,
    `{"a":["${'\\u0041'.repeat(30_000)}"]}`,
    `{"a":[{"wildcard":"${'a*'.repeat(50_000)}"}]}`,
    `{${Array.from({ length: 200 }, (_, index) => `"k${index}":{"$or":[{"a":["b"]},{"c":["d"]}]}`).join(',')}}`,
  ]) {
    try {
      compileFilter(text, 'MessageBody');
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidAttribute);
    }
  }
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isReadAsJson(text: string): boolean {
  try {
    const tokens = new JsonTokens(text);
    let depth = 0;
    for (;;) {
      const token = tokens.next();
      if (token === 'start-object' || token === 'start-array') depth++;
      if (token === 'end-object' || token === 'end-array') depth--;
      if (depth === 0) return tokens.next() === 'end';
    }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return false;
  }
}
