// What an AMQP message has that the engine's message has no place for: AMQP receivers get it with the original bytes, and it is
// lost to all others. For those who count losses.

import { isPropertyType } from '../../../core/message.ts';
import type { Original } from '../../../core/message.ts';
import type { MapEntries, Value } from '../codec/value.ts';
import { textOf } from './json.ts';
import { Sections } from './sections.ts';

export interface ForeignField {
  readonly field: string;
  readonly outcome: 'dropped' | 'changed';
  readonly reason: string;
}

/** Annotations that say what the engine's message says, too. */
const known = /^x-opt-(jms-|delivery-)/;
const none: readonly ForeignField[] = [];
const mostNamed = 100;

export function foreignFields({ dialect, bytes }: Original): readonly ForeignField[] {
  if (dialect !== 'amqp') return none;
  const sections = new Sections(bytes);
  const found: ForeignField[] = [];
  addEntries(found, 'message annotation', sections.messageAnnotations());
  addEntries(found, 'footer', sections.footer());
  if (sections.properties?.replyToGroupId !== undefined) {
    found.push({ field: 'reply-to-group-id', outcome: 'dropped', reason });
  }
  const { messageId, correlationId } = sections.properties ?? {};
  addType(found, 'id', messageId);
  addType(found, 'correlationId', correlationId);
  for (const [key, value] of sections.applicationProperties()) {
    if (!isPropertyType(value.type)) addType(found, textOf(key), value);
  }
  const body = sections.body();
  const value: Value | undefined =
    body.kind === 'value' ? body.value : body.kind === 'sequence' ? { type: 'list', value: body.items } : undefined;
  if (value !== undefined && value.type !== 'binary' && value.type !== 'null' && !isJson(value)) {
    found.push({ field: 'types of the body', outcome: 'changed', reason: 'AMQP types written as JSON' });
  }
  return found.length === 0 ? none : found;
}

const reason = 'only AMQP has it';

/** The value arrives: as text, or as the narrowest type that holds it. */
function addType(found: ForeignField[], name: string, value: Value | undefined): void {
  if (value === undefined || value.type === 'string' || value.type === 'null' || found.length >= mostNamed) return;
  found.push({ field: `type of ${name}`, outcome: 'changed', reason: `only AMQP has ${value.type}` });
}

/** Delivery annotations are between neighbours (3.2.2): they end here anyway. */
function addEntries(found: ForeignField[], kind: string, entries: MapEntries): void {
  for (const [key] of entries) {
    const name = textOf(key);
    if (!known.test(name) && found.length < mostNamed) {
      found.push({ field: `${kind} ${name}`, outcome: 'dropped', reason });
    }
  }
}

/** From here on, JSON of a number is no row of digits. */
const withExponent = 1e21;

/** Whether it is the same again when it comes back as JSON (from-json.ts). */
function isJson(value: Value): boolean {
  switch (value.type) {
    case 'null':
    case 'boolean':
    case 'string':
    case 'int':
      return true;
    case 'long':
      return BigInt.asIntN(32, value.value) !== value.value;
    case 'double':
      return Number.isFinite(value.value) && (!Number.isInteger(value.value) || Math.abs(value.value) >= withExponent);
    case 'list':
      return value.value.every(isJson);
    case 'map':
      return value.value.every(([key, item]) => key.type === 'string' && isJson(item));
    default:
      return false;
  }
}
