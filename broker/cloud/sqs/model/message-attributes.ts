// Message attributes: the rules for those that are sent (Developer Guide, "Amazon SQS message metadata"), and their
// place among the engine's properties: String is string, Number is decimal, Binary is binary, a custom type is the label.

import { invalidParameterValue } from '../../errors.ts';
import type { Property } from '../../../core/message.ts';
import type { DigestedAttribute } from '../md5.ts';
import { hasOnlyXmlCharacters, replaceForeign } from './characters.ts';
import { unsupportedOperation } from './errors.ts';
import { limits } from './limits.ts';
import type { MessageAttribute, MessageAttributes } from './shapes.ts';

/** Attributes with one value each, as they are digested and sent back. */
export type Attributes = ReadonlyMap<string, DigestedAttribute>;

/** Where the trace header is kept: a name that no sender can give an attribute. */
export const traceHeaderProperty = 'AWS.TraceHeader';
/** And the deduplication id of a message that was sent to a FIFO queue. */
export const deduplicationIdProperty = 'AWS.MessageDeduplicationId';
const traceHeaderAttribute = 'AWSTraceHeader';

const typePattern = /^(String|Number|Binary)(?:\.(.+))?$/s;
const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** Beyond what the guide says, AWS takes accented Latin letters. */
const namePattern = /^[\u00C0-\u017FA-Za-z0-9_.-]+$/;

/** @throws AwsError for the first attribute that breaks a rule. */
export function checkAttributes(given: MessageAttributes, foreignCharacters: 'reject' | 'replace'): Attributes {
  refuseLists(given);
  if (given.size > limits.messageAttributes) {
    throw invalidParameterValue(
      `Number of message attributes [${given.size}] exceeds the allowed maximum [${limits.messageAttributes}].`,
    );
  }
  const checked = new Map<string, DigestedAttribute>();
  for (const [name, value] of given) {
    checkName(name);
    checked.set(name, checkValue(`(user) attribute '${name}'`, value, foreignCharacters));
  }
  return checked;
}

/** Only the X-Ray header may be sent, as a String. */
export function checkSystemAttributes(given: MessageAttributes): Attributes {
  refuseLists(given);
  const checked = new Map<string, DigestedAttribute>();
  for (const [name, value] of given) {
    if (name !== traceHeaderAttribute) {
      throw invalidParameterValue(`Message system attribute name '${name}' is invalid.`);
    }
    const attribute = checkValue(`system attribute '${name}'`, value, 'reject');
    if (attribute.StringValue === undefined) {
      throw invalidParameterValue(`Message system attribute '${name}' with type 'String' must use field 'String'.`);
    }
    checked.set(name, attribute);
  }
  return checked;
}

/** What the attributes count towards the size of a message: names, types and values. */
export function attributesSize(attributes: Attributes): number {
  let bytes = 0;
  for (const [name, { DataType, StringValue = '', BinaryValue }] of attributes) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType);
    bytes += BinaryValue === undefined ? Buffer.byteLength(StringValue) : BinaryValue.length;
  }
  return bytes;
}

/** As attributesSize, of a message that a route has made. */
export function propertiesSize(properties: readonly Property[]): number {
  let bytes = 0;
  for (const { name, value, label } of properties) {
    // String, Number and Binary are of the same length.
    bytes += Buffer.byteLength(name) + 'String'.length + (label === undefined ? 0 : Buffer.byteLength(label) + 1);
    bytes += value instanceof Uint8Array ? value.length : Buffer.byteLength(String(value));
  }
  return bytes;
}

export function toProperties(attributes: Attributes, system: Attributes): Property[] {
  const properties: Property[] = [];
  for (const [name, { DataType, StringValue = '', BinaryValue }] of attributes) {
    const [, base = 'String', label] = typePattern.exec(DataType) ?? [];
    const type = propertyTypes.get(base) ?? 'string';
    const property = { name, type, value: BinaryValue ?? StringValue };
    properties.push(label === undefined ? property : { ...property, label });
  }
  const trace = system.get(traceHeaderAttribute)?.StringValue;
  if (trace !== undefined) properties.push({ name: traceHeaderProperty, type: 'string', value: trace });
  return properties;
}

/** A property that a broker's dialect or a bridge made of another type is shown as the nearest of the three. */
export function toAttribute({ type, value, label }: Property): DigestedAttribute | undefined {
  if (value === null || type === 'null') return undefined;
  const custom = label === undefined ? '' : `.${label}`;
  if (value instanceof Uint8Array) return { DataType: `Binary${custom}`, BinaryValue: value };
  const base = type === 'string' || type === 'boolean' ? 'String' : 'Number';
  return { DataType: base + custom, StringValue: String(value) };
}

const propertyTypes: ReadonlyMap<string, Property['type']> = new Map([
  ['String', 'string'],
  ['Number', 'decimal'],
  ['Binary', 'binary'],
]);

function refuseLists(given: MessageAttributes): void {
  for (const { StringListValues, BinaryListValues } of given.values()) {
    if (StringListValues !== undefined || BinaryListValues !== undefined) {
      throw unsupportedOperation('Message attribute list values in SendMessage operation are not supported.');
    }
  }
}

function checkName(name: string): void {
  const because = nameRefusal(name);
  if (because !== undefined) throw invalidParameterValue(because);
}

function nameRefusal(name: string): string | undefined {
  if (name === '') return 'The request must contain non-empty message (user) attribute names.';
  if (Buffer.byteLength(name) > limits.attributeNameBytes) {
    return `Message (user) attribute name must be shorter than ${limits.attributeNameBytes} bytes.`;
  }
  if (/^(?:aws|amazon)\./i.test(name)) {
    return "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.";
  }
  if (name.startsWith('.')) return "Message (user) attribute name must not begin with character '.'.";
  if (name.endsWith('.')) return "Message (user) attribute name must not end with character '.'.";
  if (name.includes('..')) return "Message (user) attribute name must not have successive '.' characters.";
  if (!namePattern.test(name)) {
    return (
      `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), ` +
      'hyphen (-), and period (.) characters.'
    );
  }
  return undefined;
}

/** `what` as the messages name it: `(user) attribute 'Colour'`. */
function checkValue(what: string, value: MessageAttribute, foreignCharacters: 'reject' | 'replace'): DigestedAttribute {
  const refusal = valueRefusal(what, value);
  if (refusal !== undefined) throw invalidParameterValue(refusal);
  const { DataType = '', StringValue, BinaryValue } = value;
  if (StringValue === undefined || hasOnlyXmlCharacters(StringValue)) return { DataType, StringValue, BinaryValue };
  if (foreignCharacters === 'replace') return { DataType, StringValue: replaceForeign(StringValue), BinaryValue };
  throw invalidParameterValue(`Invalid binary character was found in the value of message ${what}.`);
}

function valueRefusal(what: string, { DataType, StringValue, BinaryValue }: MessageAttribute): string | undefined {
  if (DataType === undefined && StringValue === undefined && BinaryValue === undefined) {
    return `The message ${what} must contain a non-empty message attribute value.`;
  }
  if (DataType === undefined || DataType === '') {
    return `The message ${what} must contain a non-empty message attribute type.`;
  }
  if (Buffer.byteLength(DataType) > limits.attributeTypeBytes) {
    return `Message ${what.split(' ', 1)[0] ?? ''} attribute type must be shorter than ${limits.attributeTypeBytes} bytes.`;
  }
  const [, base] = typePattern.exec(DataType) ?? [];
  if (base === undefined) {
    return (
      `The type of message ${what} is invalid. You must use only the following supported type prefixes: Binary, ` +
      'Number, String.'
    );
  }
  if (StringValue !== undefined && BinaryValue !== undefined) return `Message ${what} must have a single value.`;
  if ((StringValue ?? '') === '' && (BinaryValue?.length ?? 0) === 0) {
    return `Message ${what} must contain a non-empty value of type '${DataType}'.`;
  }
  const field = base === 'Binary' ? 'Binary' : 'String';
  if ((field === 'Binary') === (BinaryValue === undefined)) {
    return `Message ${what} with type '${DataType}' must use field '${field}'.`;
  }
  if (StringValue === undefined) return undefined;
  if (base === 'Number' && !numberPattern.test(StringValue)) {
    return `Can't cast the value of message ${what} to a number.`;
  }
  return undefined;
}
