// Attributes of messages as the API of SQS and SNS has them, and as properties: String is string, Number is decimal, Binary is
// binary, a custom type is the label.

import type { Message, Property } from '../../../core/message.ts';

export interface AwsAttribute {
  readonly DataType: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

const types = { String: 'string', Number: 'decimal', Binary: 'binary' } as const;
const bases = { string: 'String', decimal: 'Number' } as const;

/** What `mapToSqs` made: it has no other types. */
export function attributesOf({ properties }: Message): Record<string, AwsAttribute & { readonly DataType: string }> {
  const attributes: Record<string, AwsAttribute & { readonly DataType: string }> = {};
  for (const { name, type, value, label } of properties) {
    const custom = label === undefined ? '' : `.${label}`;
    attributes[name] =
      value instanceof Uint8Array
        ? { DataType: `Binary${custom}`, BinaryValue: value }
        : { DataType: bases[type === 'decimal' ? type : 'string'] + custom, StringValue: String(value) };
  }
  return attributes;
}

export function propertiesOf(attributes: Readonly<Record<string, AwsAttribute>> | undefined): Property[] {
  const properties: Property[] = [];
  for (const [name, { DataType = 'String', StringValue = '', BinaryValue }] of Object.entries(attributes ?? {})) {
    const dot = DataType.indexOf('.');
    const base = dot < 0 ? DataType : DataType.slice(0, dot);
    const type = base === 'Number' || base === 'Binary' ? types[base] : types.String;
    const value = type === 'binary' ? Buffer.from(BinaryValue ?? []) : StringValue;
    properties.push(dot < 0 ? { name, type, value } : { name, type, value, label: DataType.slice(dot + 1) });
  }
  return properties;
}

/** What body and attributes count towards limits. */
export function bytesOf({ body, properties }: Message): number {
  let bytes = body.length;
  for (const { name, value, label } of properties) {
    const valueBytes = value instanceof Uint8Array ? value.length : Buffer.byteLength(String(value));
    // 'String' and 'Binary' have six letters.
    bytes += Buffer.byteLength(name) + 6 + (label === undefined ? 0 : label.length + 1) + valueBytes;
  }
  return bytes;
}
