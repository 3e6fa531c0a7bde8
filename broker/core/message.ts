// The message: immutable once made. Every dialect reads and writes this form; where a dialect needs more to be
// faithful to itself, it keeps its original encoding beside it.

/**
 * Types of application properties: those of JMS, plus what AMQP and SQS add. `long` carries a bigint when it is
 * beyond 2^53; `decimal` is a number of any precision kept as its text (SQS Number). The store knows them by their places:
 * a new one goes to the end.
 */
export const propertyTypes = [
  'string',
  'boolean',
  'byte',
  'short',
  'int',
  'long',
  'float',
  'double',
  'decimal',
  'timestamp',
  'binary',
  'null',
] as const;

export type PropertyType = (typeof propertyTypes)[number];

const typeNames: ReadonlySet<string> = new Set(propertyTypes);

export function isPropertyType(text: string): text is PropertyType {
  return typeNames.has(text);
}

export type PropertyValue = string | number | bigint | boolean | Uint8Array | null;

/** A named application property. Order is kept and a name may stand more than once (MQTT 5 user properties). */
export interface Property {
  readonly name: string;
  readonly type: PropertyType;
  readonly value: PropertyValue;
  /** SQS custom type label: `Number.int` is type `decimal`, label `int`. */
  readonly label?: string;
}

/**
 * What the body is. `text`: UTF-8. `bytes`: opaque. `value`: a typed AMQP value that is neither (map, list,
 * number), written as JSON for dialects that cannot carry it.
 */
export type BodyType = 'text' | 'bytes' | 'value';

/** The message as its own dialect encoded it, forwarded unchanged to receivers of that dialect. */
export interface Original {
  readonly dialect: string;
  readonly bytes: Buffer;
}

export interface Message {
  /** Unique, as receivers see it. Given by the sender where its protocol allows that, else by the engine. */
  readonly id: string;
  /** Where it was sent: `queue://NAME` or `topic://NAME`, in the engine's naming (levels separated by dots). */
  readonly to: string;
  readonly body: Buffer;
  readonly bodyType: BodyType;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  /** Survives a crash if its destination does. */
  readonly durable: boolean;
  /** 0 (lowest) to 9, 4 where the sender did not say (JMS 2.0, 3.4.9). */
  readonly priority: number;
  /** Milliseconds since the epoch: when it was sent. */
  readonly timestamp: number;
  /** Milliseconds since the epoch after which it is not delivered; absent: never. */
  readonly expiresAt?: number | undefined;
  readonly correlationId?: string | undefined;
  /** `queue://…`, `topic://…`, `temp-queue://…` or `temp-topic://…`, or a foreign address as its sender wrote it. */
  readonly replyTo?: string | undefined;
  /** JMSType, AMQP subject. */
  readonly type?: string | undefined;
  readonly groupId?: string | undefined;
  readonly groupSequence?: number | undefined;
  readonly userId?: string | undefined;
  readonly properties: readonly Property[];
  readonly original?: Original | undefined;
  /** Names of the routes that it crossed, the last one last, separated by commas. Receivers do not see it. */
  readonly path?: string | undefined;
}

const messageOverheadBytes = 256;

/** About what the message occupies in memory, for budgets. */
export function messageSize(message: Message): number {
  let size = messageOverheadBytes + message.body.length + (message.original?.bytes.length ?? 0);
  for (const { name, value } of message.properties) {
    size += 48 + name.length;
    if (typeof value === 'string' || value instanceof Uint8Array) size += value.length;
  }
  return size;
}

export function property(message: Message, name: string): Property | undefined {
  return message.properties.find((candidate) => candidate.name === name);
}
