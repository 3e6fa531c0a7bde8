// The rules for message attributes that are published (Developer Guide, "Amazon SNS message attributes"), in the words
// of SNS, which are not those of SQS.

import type { DigestedAttribute } from '../../sqs/md5.ts';
import { refusal } from './errors.ts';
import { limits } from './limits.ts';
import type { MessageAttributes } from './shapes.ts';

export type Attributes = ReadonlyMap<string, DigestedAttribute>;

export const noAttributes: Attributes = new Map();

const typePattern = /^(String|Number|Binary)(\..+)?$/s;
const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** @throws AwsError ParameterValueInvalid for the first attribute that breaks a rule. */
export function checkAttributes(given: MessageAttributes | undefined): Attributes {
  if (given === undefined || given.size === 0) return noAttributes;
  const checked = new Map<string, DigestedAttribute>();
  for (const [name, value] of given) {
    const because = nameRefusal(name) ?? valueRefusal(name, value);
    if (because !== undefined) throw refusal('ParameterValueInvalid', because);
    checked.set(name, value);
  }
  return checked;
}

/** What attributes count towards the size of a message: names, types and values. */
export function attributesSize(attributes: Attributes): number {
  let bytes = 0;
  for (const [name, { DataType, StringValue = '', BinaryValue }] of attributes) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType);
    bytes += BinaryValue?.length ?? Buffer.byteLength(StringValue);
  }
  return bytes;
}

function nameRefusal(name: string): string | undefined {
  if (Buffer.byteLength(name) > limits.attributeNameBytes) {
    return `Length of message attribute name must be less than ${limits.attributeNameBytes} bytes.`;
  }
  if (name.startsWith('.')) return "Invalid message attribute name starting with character '.' was found.";
  if (name.endsWith('.')) return "Invalid message attribute name ending with character '.' was found.";
  const foreign = /[^a-zA-Z0-9_.-]/u.exec(name)?.[0];
  if (foreign !== undefined) {
    const code = (foreign.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return (
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include ` +
      'alphanumeric characters, hyphens, underscores, or dots.'
    );
  }
  if (name.includes('..')) return "Message attribute name can not have successive '.' character.";
  return undefined;
}

function valueRefusal(name: string, { DataType, StringValue, BinaryValue }: DigestedAttribute): string | undefined {
  const [, base] = typePattern.exec(DataType) ?? [];
  if (base === undefined) {
    return (
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is ` +
      'Binary, Number, and String.'
    );
  }
  const field = base === 'Binary' ? 'Binary' : 'String';
  const value = field === 'Binary' ? BinaryValue : StringValue;
  const other = field === 'Binary' ? StringValue : BinaryValue;
  if (value === undefined && other !== undefined) {
    return `The message attribute '${name}' with type '${DataType}' must use field '${field}'.`;
  }
  if ((value?.length ?? 0) === 0) {
    return (
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type ` +
      `'${DataType}'.`
    );
  }
  if (base === 'Number' && !numberPattern.test(StringValue ?? '')) {
    return `Could not cast message attribute '${name}' value to number.`;
  }
  return undefined;
}
