// The Query wire on its own: unflattening along shapes, and the XML of answers, byte for byte.

import { describe, expect, it } from 'vitest';
import { AwsError, malformedInput } from '../../../broker/cloud/errors.ts';
import { operation } from '../../../broker/cloud/service.ts';
import type { Service } from '../../../broker/cloud/service.ts';
import { blob, boolean, integer, list, map, required, string, structure } from '../../../broker/cloud/shape.ts';
import type { StructureShape } from '../../../broker/cloud/shape.ts';
import { query, readParameters } from '../../../broker/cloud/wire/query.ts';
import { escapeXml } from '../../../broker/cloud/wire/xml.ts';

const value = structure({
  StringValue: string(),
  BinaryValue: blob(),
  StringListValues: list(string(), { flat: 'StringListValue' }),
  DataType: string(),
});

/** Flat, as SQS has it. */
const flat = structure({
  QueueUrl: string(),
  DelaySeconds: integer(),
  Flag: boolean(),
  Attributes: map(string(), { flat: 'Attribute', key: 'Name', value: 'Value' }),
  MessageAttributes: map(value, { flat: 'MessageAttribute', key: 'Name', value: 'Value' }),
  Tags: map(string(), { flat: 'Tag', key: 'Key', value: 'Value' }),
  AttributeNames: list(string(), { flat: 'AttributeName' }),
  Entries: list(
    structure({
      Id: string(),
      MessageAttributes: map(value, { flat: 'MessageAttribute', key: 'Name', value: 'Value' }),
    }),
    { flat: 'Entry' },
  ),
});

/** With elements around them, as SNS has it. */
const wrapped = structure({
  Attributes: map(string()),
  Tags: list(structure({ Key: string(), Value: string() })),
  Names: list(string()),
});

function parse(shape: StructureShape, form: string): unknown {
  const parameters = new Map<string, string>();
  readParameters(form, parameters);
  return query.parse(shape, { body: Buffer.alloc(0), parameters });
}

describe('reading flat collections', () => {
  it.each([
    ['nothing', '', {}],
    ['percent-encoding and plus signs', 'QueueUrl=http%3A%2F%2Fx%2Fa+b%2B%C3%A9', { QueueUrl: 'http://x/a b+é' }],
    ['an empty value', 'QueueUrl=', { QueueUrl: '' }],
    ['a name without a value', 'QueueUrl', { QueueUrl: '' }],
    ['the first of two', 'QueueUrl=a&QueueUrl=b', { QueueUrl: 'a' }],
    ['an equals sign in a value', 'QueueUrl=a=b', { QueueUrl: 'a=b' }],
    ['integers', 'DelaySeconds=-3', { DelaySeconds: -3 }],
    ['booleans', 'Flag=true', { Flag: true }],
    ['lists', 'AttributeName.1=A&AttributeName.2=B', { AttributeNames: ['A', 'B'] }],
    ['lists by number, not by place', 'AttributeName.10=J&AttributeName.2=B', { AttributeNames: ['B', 'J'] }],
    ['a list without a number', 'AttributeName=All', { AttributeNames: ['All'] }],
    [
      'maps',
      'Attribute.1.Name=A&Attribute.1.Value=1&Attribute.2.Name=B&Attribute.2.Value=2',
      {
        Attributes: new Map([
          ['A', '1'],
          ['B', '2'],
        ]),
      },
    ],
    ['a map without numbers', 'Attribute.Name=A&Attribute.Value=1', { Attributes: new Map([['A', '1']]) }],
    ['a key without a value', 'Tag.1.Key=a', { Tags: new Map([['a', '']]) }],
    ['a value without a key', 'Tag.1.Value=a', {}],
    [
      'inherited names',
      'Tag.1.Key=__proto__&Tag.1.Value=x&__proto__.x=1&constructor=y',
      { Tags: new Map([['__proto__', 'x']]) },
    ],
    [
      'maps of structures',
      'MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=Binary&MessageAttribute.1.Value.BinaryValue=AP8%3D',
      { MessageAttributes: new Map([['n', { DataType: 'Binary', BinaryValue: Buffer.of(0, 255) }]]) },
    ],
    [
      'lists in maps',
      'MessageAttribute.1.Name=n&MessageAttribute.1.Value.StringListValue.1=a&MessageAttribute.1.Value.StringListValue.2=b',
      { MessageAttributes: new Map([['n', { StringListValues: ['a', 'b'] }]]) },
    ],
    [
      'structures in lists, with maps of their own',
      'Entry.1.Id=a&Entry.2.Id=b&Entry.2.MessageAttribute.1.Name=n&Entry.2.MessageAttribute.1.Value.StringValue=v',
      { Entries: [{ Id: 'a' }, { Id: 'b', MessageAttributes: new Map([['n', { StringValue: 'v' }]]) }] },
    ],
    ['a scalar where a structure belongs', 'Entry.1=x', {}],
    ['names deeper than any shape', `QueueUrl=u&${'A.'.repeat(500)}1=x`, { QueueUrl: 'u' }],
    ['numbers that are none', 'AttributeName.x=A&AttributeName.=B&AttributeName.99999999999=C', {}],
  ])('takes %s', (_what, form, expected) => {
    expect(parse(flat, form)).toEqual(expected);
  });

  it('takes a required list that is absent for an empty one: an empty list leaves no trace', () => {
    const shape = structure({ Entries: required(list(string(), { flat: 'Entry' })) });
    expect(parse(shape, '')).toEqual({ Entries: [] });
  });
});

describe('reading wrapped collections', () => {
  it.each([
    ['maps', 'Attributes.entry.1.key=A&Attributes.entry.1.value=1', { Attributes: new Map([['A', '1']]) }],
    ['lists', 'Names.member.1=a&Names.member.2=b', { Names: ['a', 'b'] }],
    [
      'lists of structures',
      'Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=c',
      { Tags: [{ Key: 'a', Value: 'b' }, { Key: 'c' }] },
    ],
  ])('takes %s', (_what, form, expected) => {
    expect(parse(wrapped, form)).toEqual(expected);
  });
});

describe('refusing', () => {
  it.each([
    ['a number that is none', 'DelaySeconds=soon', 'STRING_VALUE can not be converted to an Integer'],
    ['a fraction', 'DelaySeconds=1.5', 'STRING_VALUE can not be converted to an Integer'],
    ['an empty number', 'DelaySeconds=', 'STRING_VALUE can not be converted to an Integer'],
    ['a boolean that is none', 'Flag=yes', 'STRING_VALUE can not be converted to a Boolean'],
    ['bytes that are no UTF-8', 'QueueUrl=%FF', 'Malformed percent-encoding'],
    ['half a percent-encoding', 'QueueUrl=%2', 'Malformed percent-encoding'],
    ['more parameters than any operation has', 'a&'.repeat(10_001), 'Too many parameters'],
  ])('%s', (_what, form, message) => {
    expect(() => parse(flat, form)).toThrow(malformedInput(message));
  });
});

describe('writing', () => {
  const service = { xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/' } as Service;
  const id = '00000000-0000-4000-8000-000000000000';

  function xml(shape: StructureShape | undefined, output: object | undefined): string {
    const act = operation('Act', structure({}), shape ?? structure({}), async () => ({}));
    const { body } = query.serialise(service, shape === undefined ? { ...act, output: undefined } : act, output, id);
    return body.toString();
  }

  const open = '<?xml version="1.0"?><ActResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">';
  const close = `<ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata></ActResponse>`;

  it.each([
    ['no result for an operation without an answer', undefined, undefined, ''],
    ['an empty result', flat, {}, '<ActResult/>'],
    [
      'text, numbers and booleans in the order of the shape',
      flat,
      { Flag: true, QueueUrl: 'a<b>&"c"\r\n\t', DelaySeconds: 0 },
      '<ActResult><QueueUrl>a&lt;b&gt;&amp;&quot;c&quot;&#xD;\n\t</QueueUrl><DelaySeconds>0</DelaySeconds><Flag>true</Flag></ActResult>',
    ],
    [
      'flat maps',
      flat,
      { Attributes: new Map([['A&B', '1']]), Tags: new Map([['k', 'v']]) },
      '<ActResult><Attribute><Name>A&amp;B</Name><Value>1</Value></Attribute><Tag><Key>k</Key><Value>v</Value></Tag></ActResult>',
    ],
    [
      'flat maps of structures',
      flat,
      { MessageAttributes: new Map([['n', { DataType: 'Binary', BinaryValue: Buffer.of(0, 255) }]]) },
      '<ActResult><MessageAttribute><Name>n</Name><Value><BinaryValue>AP8=</BinaryValue><DataType>Binary</DataType></Value></MessageAttribute></ActResult>',
    ],
    ['flat lists', flat, { Entries: [{ Id: 'a' }, {}] }, '<ActResult><Entry><Id>a</Id></Entry><Entry/></ActResult>'],
    [
      'wrapped collections',
      wrapped,
      { Attributes: new Map([['a', 'b']]), Tags: [{ Key: 'k' }], Names: [] },
      '<ActResult><Attributes><entry><key>a</key><value>b</value></entry></Attributes><Tags><member><Key>k</Key></member></Tags><Names/></ActResult>',
    ],
  ])('%s', (_what, shape, output, result) => {
    expect(xml(shape, output)).toBe(open + result + close);
  });

  it('writes an error as SQS does', () => {
    const error = new AwsError({ type: 't', code: 'C', status: 403, fault: 'Receiver' }, 'not this', 'a < b');
    expect(query.refuse(service, error, id)).toEqual({
      status: 403,
      contentType: 'text/xml',
      body:
        '<?xml version="1.0"?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Receiver</Type>' +
        `<Code>C</Code><Message>a &lt; b</Message><Detail/></Error><RequestId>${id}</RequestId></ErrorResponse>`,
    });
  });

  it('replaces what XML cannot hold, and keeps what it can', () => {
    expect(escapeXml('a\0\u000B\uFFFE\uD800b')).toBe('a\uFFFD\uFFFD\uFFFD\uFFFDb');
    expect(escapeXml('\t\n é 😀 \uE000')).toBe('\t\n é 😀 \uE000');
  });
});
