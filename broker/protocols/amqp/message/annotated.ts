// Message annotations that a receiver adds when it gives a message back (part 3, section 3.4.5): those of the same key take the
// place of what is there. The rest of the message stays as it is, byte for byte.

import { BrokerError } from '../../../core/errors.ts';
import type { Message } from '../../../core/message.ts';
import { writeMap } from '../codec/encode.ts';
import { symbol, type MapEntries, type Value } from '../codec/value.ts';
import { Writer } from '../codec/writer.ts';
import { refusal } from '../conditions.ts';
import { messageAnnotationsOf } from './sections.ts';
import { forwardedSections } from './to-sections.ts';

/**
 * @throws WireError `amqp:invalid-field` for keys that annotations cannot have, BrokerError `too-large` for a message of more
 *   than `maxBytes` with them.
 */
export function annotated(message: Message, added: MapEntries, maxBytes: number): Message {
  const { entries, rest } = messageAnnotationsOf(forwardedSections(message));
  const merged = new Map(entries.map((entry) => [keyOf(entry[0]), entry]));
  for (const [key, value] of added) {
    const name = nameOf(key);
    merged.set(keyOf(name), [name, value]);
  }
  const writer = new Writer(256 + rest.length);
  writer.u8(0);
  writer.u8(0x53);
  writer.u8(0x72);
  writeMap(writer, [...merged.values()]);
  writer.raw(rest);
  const bytes = Buffer.from(writer.view());
  if (bytes.length > maxBytes) {
    throw new BrokerError('too-large', `a message of ${bytes.length} octets with its annotations`);
  }
  return { ...message, original: { dialect: 'amqp', bytes } };
}

/** "The key [is] restricted to be of type symbol or ulong" (3.2.10); clients also write strings. */
function nameOf(key: Value): Value {
  if (key.type === 'string') return symbol(key.value);
  if (key.type === 'symbol' || key.type === 'ulong') return key;
  throw refusal('amqp:invalid-field', `message annotation with a key of type ${key.type}`, 'message-annotations');
}

function keyOf(key: Value): string {
  return key.type === 'symbol' || key.type === 'ulong' ? `${key.type} ${key.value}` : key.type;
}
