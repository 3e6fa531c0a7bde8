// A message as the sections it is encoded in (part 3, section 3.2). They are checked when the message arrives; header and
// properties are decoded then, the others when something asks for them. What is forwarded is the bytes themselves.

import { decodeError } from '../conditions.ts';
import { checkValue } from '../codec/check.ts';
import { readCompositeFields, readDescriptor, type Composite } from '../codec/composite.ts';
import { readLength, readValue } from '../codec/decode.ts';
import { Reader } from '../codec/reader.ts';
import type { MapEntries, Value } from '../codec/value.ts';

export type Header = Composite<'header'>;
export type Properties = Composite<'properties'>;

export type Body =
  /** Data sections, in order. More than one is legal, and means their octets in a row. */
  | { readonly kind: 'data'; readonly parts: readonly Buffer[] }
  /** The items of all sequence sections, in order. */
  | { readonly kind: 'sequence'; readonly items: readonly Value[] }
  /** A string value, by far the most common: its UTF-8, not decoded. */
  | { readonly kind: 'text'; readonly octets: Buffer }
  | { readonly kind: 'value'; readonly value: Value }
  /** Not by the specification, but by clients. */
  | { readonly kind: 'none' };

const codes = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

const codeOfSymbol: ReadonlyMap<string, number> = new Map([
  ['amqp:header:list', codes.header],
  ['amqp:delivery-annotations:map', codes.deliveryAnnotations],
  ['amqp:message-annotations:map', codes.messageAnnotations],
  ['amqp:properties:list', codes.properties],
  ['amqp:application-properties:map', codes.applicationProperties],
  ['amqp:data:binary', codes.data],
  ['amqp:amqp-sequence:list', codes.sequence],
  ['amqp:amqp-value:*', codes.value],
  ['amqp:footer:map', codes.footer],
]);

/** In place of a position, for a section that is not there. */
const absent = -1;

export class Sections {
  readonly bytes: Buffer;
  readonly header: Header | undefined;
  readonly properties: Properties | undefined;
  #deliveryAnnotations = absent;
  #messageAnnotations = absent;
  #applicationProperties = absent;
  #body = absent;
  #footer = absent;

  /** Throws a decode error for bytes that are not a message. */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const reader = new Reader(bytes);
    let header: Header | undefined;
    let properties: Properties | undefined;
    let previous = 0;
    while (reader.position < reader.end) {
      const start = reader.position;
      const code = readDescriptor(reader, codeOfSymbol);
      requireOrder(previous, code, start);
      previous = code;
      if (code === codes.header) {
        header = readCompositeFields(reader, 'header');
      } else if (code === codes.properties) {
        properties = readCompositeFields(reader, 'properties');
      } else {
        requireForm(code, bytes[reader.position]);
        this.#remember(code, start, reader.position);
        checkValue(reader);
      }
    }
    this.header = header;
    this.properties = properties;
  }

  deliveryAnnotations(): MapEntries {
    return this.#map(this.#deliveryAnnotations);
  }

  messageAnnotations(): MapEntries {
    return this.#map(this.#messageAnnotations);
  }

  applicationProperties(): MapEntries {
    return this.#map(this.#applicationProperties);
  }

  footer(): MapEntries {
    return this.#map(this.#footer);
  }

  /** At the value of an amqp-value section; undefined if the body is none. */
  valueReader(): Reader | undefined {
    if (this.#body === absent) return undefined;
    const reader = new Reader(this.bytes, this.#body);
    return readDescriptor(reader, codeOfSymbol) === codes.value ? reader : undefined;
  }

  body(): Body {
    if (this.#body === absent) return { kind: 'none' };
    const reader = new Reader(this.bytes, this.#body);
    const parts: Buffer[] = [];
    const items: Value[] = [];
    while (reader.position < reader.end) {
      const code = readDescriptor(reader, codeOfSymbol);
      if (code === codes.footer) break;
      if (code === codes.value) return readValueBody(reader);
      const value = readValue(reader);
      if (value.type === 'binary') parts.push(value.value);
      else if (value.type === 'list') for (const item of value.value) items.push(item);
    }
    return parts.length > 0 ? { kind: 'data', parts } : { kind: 'sequence', items };
  }

  #remember(code: number, start: number, value: number): void {
    if (code === codes.deliveryAnnotations) this.#deliveryAnnotations = value;
    else if (code === codes.messageAnnotations) this.#messageAnnotations = value;
    else if (code === codes.applicationProperties) this.#applicationProperties = value;
    else if (code === codes.footer) this.#footer = value;
    else if (this.#body === absent) this.#body = start;
  }

  #map(position: number): MapEntries {
    if (position === absent) return [];
    const value = readValue(new Reader(this.bytes, position));
    return value.type === 'map' ? value.value : [];
  }
}

/**
 * Where header and delivery annotations are over, which are between neighbours. From here on the bytes go unchanged from
 * sender to receiver, however many brokers are between them. The message was checked before.
 */
export function forwardedFrom(bytes: Buffer): number {
  const reader = new Reader(bytes);
  for (;;) {
    const start = reader.position;
    if (start === reader.end || readDescriptor(reader, codeOfSymbol) > codes.deliveryAnnotations) return start;
    checkValue(reader);
  }
}

/** Where the properties are, or would be, in a message that was checked before. */
export function propertiesPlace(bytes: Buffer): readonly [start: number, end: number] {
  const reader = new Reader(bytes);
  for (;;) {
    const start = reader.position;
    const code = start === reader.end ? codes.footer : readDescriptor(reader, codeOfSymbol);
    if (code > codes.properties) return [start, start];
    checkValue(reader);
    if (code === codes.properties) return [start, reader.position];
  }
}

/** The message annotations that forwarded sections begin with, if they do, and what follows them. */
export function messageAnnotationsOf(forwarded: Buffer): { readonly entries: MapEntries; readonly rest: Buffer } {
  const reader = new Reader(forwarded);
  if (reader.position === reader.end || readDescriptor(reader, codeOfSymbol) !== codes.messageAnnotations) {
    return { entries: [], rest: forwarded };
  }
  const value = readValue(reader);
  return { entries: value.type === 'map' ? value.value : [], rest: forwarded.subarray(reader.position) };
}

function readValueBody(reader: Reader): Body {
  const start = reader.position;
  const code = reader.u8();
  if (code === 0xa1 || code === 0xb1) return { kind: 'text', octets: reader.take(readLength(reader, code)) };
  reader.position = start;
  return { kind: 'value', value: readValue(reader) };
}

/** Sections stand in the order of their codes, each once; only those of data and sequence may be repeated. */
function requireOrder(previous: number, code: number, position: number): void {
  if (code < codes.header || code > codes.footer) throw decodeError(`no section of a message at ${position}`);
  if (code > previous) {
    const secondBody = code !== codes.footer && previous >= codes.data;
    if (!secondBody) return;
  }
  if (code === previous && (code === codes.data || code === codes.sequence)) return;
  throw decodeError(`section 0x${code.toString(16)} after section 0x${previous.toString(16)}`);
}

/** The form of a section's value, by its format code; of the value section, any. */
function requireForm(code: number, formatCode: number | undefined): void {
  if (code === codes.value || forms[code]?.includes(formatCode ?? 0)) return;
  throw decodeError(`section 0x${code.toString(16)} holds a value of the wrong type`);
}

const mapForms = [0xc1, 0xd1];
const forms: { readonly [code: number]: readonly number[] } = {
  [codes.deliveryAnnotations]: mapForms,
  [codes.messageAnnotations]: mapForms,
  [codes.applicationProperties]: mapForms,
  [codes.data]: [0xa0, 0xb0],
  [codes.sequence]: [0x45, 0xc0, 0xd0],
  [codes.footer]: mapForms,
};
