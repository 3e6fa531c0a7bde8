import { describe, expect, test } from 'vitest';
import { forwardedFrom, Sections } from '../../../../broker/protocols/amqp/message/sections.ts';
import { hex } from '../codec/bytes.ts';

const header = '00 53 70 c0 02 01 41';
const deliveryAnnotations = '00 53 71 c1 06 02 a30161 5401';
const messageAnnotations = '00 53 72 c1 06 02 a30162 5402';
const properties = '00 53 73 c0 04 01 a1 01 69';
const applicationProperties = '00 53 74 c1 0d 02 a10163 81 0020000000000001';
const data = '00 53 75 a0 02 0102';
const sequence = '00 53 76 c0 03 01 5403';
const value = '00 53 77 a1 02 6869';
const footer = '00 53 78 c1 05 02 a30166 41';

describe('finds the sections of', () => {
  test('a message that has all of them', () => {
    const before = hex(header + deliveryAnnotations);
    const after = hex(messageAnnotations + properties + applicationProperties + data + data + footer);
    const sections = new Sections(Buffer.concat([before, after]));
    expect(sections.header).toMatchObject({ durable: true, priority: 4, deliveryCount: 0 });
    expect(sections.deliveryAnnotations()).toEqual([
      [
        { type: 'symbol', value: 'a' },
        { type: 'int', value: 1 },
      ],
    ]);
    expect(sections.messageAnnotations()).toEqual([
      [
        { type: 'symbol', value: 'b' },
        { type: 'int', value: 2 },
      ],
    ]);
    expect(sections.properties).toMatchObject({ messageId: { type: 'string', value: 'i' } });
    expect(sections.applicationProperties()).toEqual([
      [
        { type: 'string', value: 'c' },
        { type: 'long', value: 2n ** 53n + 1n },
      ],
    ]);
    expect(sections.body()).toEqual({ kind: 'data', parts: [hex('0102'), hex('0102')] });
    expect(sections.footer()).toEqual([
      [
        { type: 'symbol', value: 'f' },
        { type: 'boolean', value: true },
      ],
    ]);
    expect(sections.bytes.subarray(forwardedFrom(sections.bytes))).toEqual(after);
  });

  test('a message without header and annotations, forwarded whole', () => {
    const sections = new Sections(hex(data));
    expect(sections.header).toBeUndefined();
    expect(sections.properties).toBeUndefined();
    expect(sections.messageAnnotations()).toEqual([]);
    expect(forwardedFrom(sections.bytes)).toBe(0);
  });

  test('a message whose body is a value', () => {
    expect(new Sections(hex(properties + value)).body()).toEqual({
      kind: 'text',
      octets: hex('6869'),
    });
  });

  test('a message whose body is several sequences', () => {
    expect(new Sections(hex(sequence + sequence)).body()).toEqual({
      kind: 'sequence',
      items: [
        { type: 'int', value: 3 },
        { type: 'int', value: 3 },
      ],
    });
  });

  test('a message with a header and no body, as some clients send', () => {
    const sections = new Sections(hex(header));
    expect(sections.body()).toEqual({ kind: 'none' });
    expect(forwardedFrom(sections.bytes)).toBe(hex(header).length);
  });

  test('a message with symbolic descriptors', () => {
    const symbolic = (name: string) =>
      `00 a3 ${Buffer.of(name.length).toString('hex')} ${Buffer.from(name).toString('hex')}`;
    const sections = new Sections(
      hex(`${symbolic('amqp:header:list')} c0 02 01 41 ${symbolic('amqp:amqp-value:*')} a1 02 6869`),
    );
    expect(sections.header).toMatchObject({ durable: true });
    expect(sections.body()).toEqual({ kind: 'text', octets: hex('6869') });
  });
});

describe('refuses', () => {
  test.each([
    ['3.2 a section after one that comes later', data + header],
    ['3.2 two headers', header + header],
    ['3.2 two values', value + value],
    ['3.2 a value after data', data + value],
    ['3.2 a sequence after data', data + sequence],
    ['3.2 a footer before the body', footer + data],
    ['3.2 what is no section', '00 53 79 45'],
    ['3.2 what is not described', 'a1 01 61'],
    ['3.2.3 annotations that are a list', '00 53 72 45'],
    ['3.2.4 properties whose subject is an int', '00 53 73 c0 06 04 40 40 40 54 01'],
    ['3.2.6 data that is a string', '00 53 75 a1 01 61'],
    ['3.2.7 a sequence that is a map', '00 53 76 c1 01 00'],
    ['3.2.8 a value cut short', '00 53 77 a1 09 61'],
    ['3.2.8 a value nested in a body with a string that is not UTF-8', '00 53 77 c0 05 01 a1 02 c328'],
  ])('%s', (_, octets) => {
    expect(() => new Sections(hex(octets))).toThrow(expect.objectContaining({ condition: 'amqp:decode-error' }));
  });
});
