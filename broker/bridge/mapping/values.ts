// Typed values as text and back, and their place among the three types of attributes of SQS and SNS. A type that is none of
// them stands in the custom part of the attribute's type (`Number.int`, `String.boolean`), so that the way back knows it.

import { isPropertyType } from '../../core/message.ts';
import type { Property, PropertyType, PropertyValue } from '../../core/message.ts';

/** The characters that XML 1.0 leaves out (2.2), surrogates without their pair excepted. */
// oxlint-disable-next-line eslint/no-control-regex -- they are what it looks for
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** Bytes: of the 256 that a type may have, seven are `Number.`. */
const longestLabel = 249;
/** Numbers of SQS go from 10^-128 to 10^126. */
const largestNumber = 1e126;
const smallestNumber = 1e-128;

export function isXmlText(text: string): boolean {
  return !notInXml.test(text) && text.isWellFormed();
}

export function textOf(value: PropertyValue): string {
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The value of a type that `textOf` wrote; undefined: it did not write that. */
export function valueOf(type: PropertyType, text: string): PropertyValue | undefined {
  const value = parse(type, text);
  return value !== undefined && textOf(value) === text ? value : undefined;
}

function parse(type: PropertyType, text: string): PropertyValue | undefined {
  switch (type) {
    case 'string':
    case 'decimal':
      return text;
    case 'boolean':
      return text === 'true';
    case 'null':
      return null;
    case 'binary':
      return Buffer.from(text, 'base64');
    case 'long': {
      const number = Number(text);
      if (Number.isSafeInteger(number)) return number;
      return /^-?\d{1,19}$/.test(text) ? BigInt(text) : number;
    }
    default:
      return Number(text);
  }
}

/** What SQS takes for the property; a string: why it takes nothing. */
export function attributeOf(name: string, { type, value, label }: Property): Property | string {
  if (label !== undefined && isPropertyType(label)) return 'its custom type has another meaning on the way back';
  if (label === '' || Buffer.byteLength(label ?? '') > longestLabel) return 'its custom type is none that SQS takes';
  if (value instanceof Uint8Array) {
    if (value.length === 0) return 'SQS takes no empty value';
    return label === undefined ? { name, type: 'binary', value } : { name, type: 'binary', value, label };
  }
  if (value === null) return { name, type: 'string', value: 'null', label: 'null' };
  const text = textOf(value);
  if (text === '') return 'SQS takes no empty value';
  if (!isXmlText(text)) return 'the value has characters that SQS does not take';
  switch (type) {
    case 'string':
      return label === undefined ? { name, type, value: text } : { name, type, value: text, label };
    case 'decimal':
      if (!numberPattern.test(text)) return { name, type: 'string', value: text, label: type };
      return label === undefined ? { name, type, value: text } : { name, type, value: text, label };
    case 'boolean':
      return { name, type: 'string', value: text, label: type };
    default:
      return { name, type: isNumber(value) ? 'decimal' : 'string', value: text, label: type };
  }
}

/** The property that `attributeOf` made an attribute of, or the attribute as it is. */
export function propertyOf(attribute: Property): Property {
  const { name, type, value, label } = attribute;
  if (label === undefined || type === 'binary' || typeof value !== 'string' || !isPropertyType(label)) return attribute;
  const restored = valueOf(label, value);
  return restored === undefined ? attribute : { name, type: label, value: restored };
}

function isNumber(value: PropertyValue): boolean {
  if (typeof value === 'bigint' || value === 0) return true;
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  const size = Math.abs(value);
  return size < largestNumber && size > smallestNumber;
}
