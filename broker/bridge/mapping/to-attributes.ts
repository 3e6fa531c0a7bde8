// A message as SQS and SNS take it: text of the characters of XML 1.0, at most ten attributes of type String, Number or
// Binary, at most so many bytes in all (SQS Developer Guide, "Amazon SQS message quotas" and "message metadata"; SNS passes
// no more than ten on to queues).

import { isUtf8 } from 'node:buffer';
import type { Message, Property } from '../../core/message.ts';
import type { Death } from '../../core/store.ts';
import { isSizeAttribute, pointerBytes, sizeProperty } from '../claim-check.ts';
import type { ClaimCheck } from '../claim-check.ts';
import { didNotCross, HeldNotes, isTold, leftOut, noteHeaders } from '../mapping.ts';
import type { Header, MappingRules, Notes } from '../mapping.ts';
import { eventBody } from './cloud-event.ts';
import {
  afterProperties,
  beforeProperties,
  encodingAttribute,
  eventAttributes,
  eventVersion,
  eventVersionAttribute,
  headerAttribute,
  isReserved,
  pathAttribute,
  plainEventType,
} from './header-attributes.ts';
import { pack, packedAttribute } from './packing.ts';
import type { Field } from './packing.ts';
import { attributeOf, isXmlText } from './values.ts';

const mostAttributes = 10;
const longestName = 256;
/** Of String, Number and Binary. */
const typeNameBytes = 6;
const tooLarge = 'the message would be too large';
const attributeName = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const awsName = /^(aws|amazon)\./i;

/** Body and attributes, or undefined: it is taken in no form, and the notes say why. */
export interface Attributed {
  readonly body: Buffer;
  readonly attributes: readonly Property[];
}

interface Placed extends Field {
  readonly attribute: Property;
  readonly size: number;
  readonly renamed: string | undefined;
}

/** What the crossing itself adds to the fields of the message. */
export interface Added {
  /** Why and where the message became a dead letter, if it is one. */
  readonly death?: Death | undefined;
  /** The routes that it crossed, where nothing but attributes can say so. */
  readonly path?: string | undefined;
}

export function toAttributes(
  message: Message,
  rules: MappingRules,
  maxBytes: number,
  notes: Notes,
  added: Added = {},
): Attributed | undefined {
  const { claimCheck } = rules;
  if (claimCheck === undefined) return new Writing(rules, maxBytes, notes).write(message, added);
  const held = new HeldNotes();
  const writing = new Writing(rules, Number.MAX_SAFE_INTEGER, held);
  const whole = writing.write(message, added);
  if (whole === undefined || writing.bytes <= Math.min(claimCheck.over ?? maxBytes, maxBytes)) {
    held.release(notes);
    return whole;
  }
  return new Writing(rules, maxBytes, notes, claimCheck).write(message, added);
}

class Writing {
  readonly #rules: MappingRules;
  #envelope: MappingRules['envelope'];
  readonly #maxBytes: number;
  readonly #notes: Notes;
  #room = 0;
  /** Added by the crossing itself: they are no fields of the message. */
  readonly #added: Property[] = [];
  readonly #placed: Placed[] = [];
  #overflow: Field[] | undefined;
  /** The body goes elsewhere. */
  readonly #claim: ClaimCheck | undefined;

  constructor(rules: MappingRules, maxBytes: number, notes: Notes, claim?: ClaimCheck) {
    this.#rules = rules;
    this.#envelope = rules.envelope;
    this.#claim = claim;
    this.#maxBytes = maxBytes;
    this.#notes = notes;
  }

  /** What was written takes, of what it may. */
  get bytes(): number {
    return this.#maxBytes - this.#room;
  }

  write(message: Message, added: Added): Attributed | undefined {
    if (this.#rules.envelope === 'structured') return this.#writeEvent(message, added);
    const body = this.#body(message);
    if (body === undefined) {
      noteHeaders(message, 'refused', didNotCross, this.#notes);
      return undefined;
    }
    this.#addOwn(added);
    if (this.#envelope === 'binary' && !this.#addEvent(message)) this.#envelope = 'none';
    for (const header of beforeProperties) this.#placeHeader(message, header);
    for (const property of message.properties) this.#placeProperty(property);
    for (const header of afterProperties) this.#placeHeader(message, header);
    const packed = this.#overflow === undefined ? undefined : this.#packed(this.#overflow);
    for (const { name, renamed } of this.#placed) {
      if (renamed === undefined) this.#notes.note(name, 'kept', '');
      else this.#notes.note(name, 'renamed', `to ${renamed}`);
    }
    const attributes = this.#added;
    for (const { attribute } of this.#placed) attributes.push(attribute);
    if (packed !== undefined) attributes.push(packed);
    return { body, attributes };
  }

  #writeEvent(message: Message, added: Added): Attributed | undefined {
    const held = new HeldNotes();
    const body = eventBody({ ...message, path: undefined }, this.#rules, held);
    if (!this.#fits(body)) {
      noteHeaders(message, 'refused', didNotCross, this.#notes);
      return undefined;
    }
    held.release(this.#notes);
    this.#add({ name: 'content-type', type: 'string', value: 'application/cloudevents+json' });
    this.#addOwn(added);
    return { body, attributes: this.#added };
  }

  /** The body as SQS takes it, and in the notes what became of it. */
  #body({ body, bodyType, contentType }: Message): Buffer | undefined {
    if (body.length === 0) {
      this.#notes.note('body', 'refused', 'SQS takes no empty message');
      return undefined;
    }
    const isText = isUtf8(body) && isXmlText(body.toString());
    const written = isText ? body : Buffer.from(body.toString('base64'));
    let encoding: string | undefined;
    if (!isText) encoding = bodyType === 'bytes' ? 'base64' : 'base64-text';
    else if (bodyType === 'bytes') encoding = 'utf-8';
    else if (bodyType === 'value') encoding = contentType === undefined ? 'value' : 'typed-value';
    if (!this.#fits(written, encoding)) return undefined;
    if (this.#claim === undefined) this.#notes.note('body', 'kept', '');
    else this.#notes.note('body', 'moved', `into the bucket "${this.#claim.bucket}"`);
    return written;
  }

  /** With what it cannot be read without: its encoding, or where it is. */
  #fits(body: Buffer, encoding?: string): boolean {
    this.#room = this.#maxBytes - (this.#claim === undefined ? body.length : pointerBytes(this.#claim));
    const isWhole =
      this.#room >= 0 &&
      (this.#claim === undefined || this.#add(sizeProperty(body))) &&
      (encoding === undefined || this.#add({ name: encodingAttribute, type: 'string', value: encoding }));
    if (!isWhole) this.#notes.note('body', 'refused', `larger than the target's limit of ${this.#maxBytes} bytes`);
    return isWhole;
  }

  #addOwn({ death, path }: Added): void {
    if (path !== undefined) this.#add({ name: pathAttribute, type: 'string', value: path });
    // Whoever looks into dead letters looks for these first.
    if (death === undefined) return;
    this.#add({ name: 'dead-letter-reason', type: 'string', value: death.reason });
    this.#add({ name: 'dead-letter-origin', type: 'string', value: death.origin });
  }

  /** What CloudEvents requires and the message may not have. */
  #addEvent({ to, type }: Message): boolean {
    // What has no version is no event, and its headers have other names.
    if (!this.#add({ name: eventVersionAttribute, type: 'string', value: eventVersion })) return false;
    if (!to.startsWith('topic://')) this.#add({ name: eventAttributes.to, type: 'string', value: to });
    if (type === undefined) this.#add({ name: eventAttributes.type, type: 'string', value: plainEventType });
    return true;
  }

  /** False: there is no room for it. */
  #add(property: Property): boolean {
    const size = attributeSize(property);
    if (size > this.#room) return false;
    this.#room -= size;
    this.#added.push(property);
    return true;
  }

  #placeHeader(message: Message, header: Header): void {
    if (!isTold(message, header)) {
      // A typed value crosses as JSON, and says so, unless its sender called it something else.
      if (header === 'contentType' && message.bodyType === 'value') {
        this.#add({ name: 'content-type', type: 'string', value: 'application/json' });
      }
      return;
    }
    const envelope = this.#envelope;
    const attribute = headerAttribute(message, header, envelope);
    const renamed = this.#renamed(header, attribute.value);
    if (renamed === null) return;
    const property = envelope === 'none' ? attribute : headerAttribute(message, header, 'none');
    const named = renamed === undefined ? attribute : { ...attribute, name: renamed };
    if (isValid(attribute)) this.#place({ name: header, header, property }, named, renamed);
    else this.#overflowed({ name: header, header, property }, 'the value has characters that SQS does not take');
  }

  #placeProperty(given: Property): void {
    const { name } = given;
    const renamed = this.#renamed(name, given.value);
    if (renamed === null) return;
    const property = renamed === undefined ? given : { ...given, name: renamed };
    const field = { name, header: undefined, property };
    if (!isAttributeName(property.name)) this.#overflowed(field, 'the name is not one that SQS takes');
    else if (renamed === undefined && isReserved(name)) this.#overflowed(field, 'the name is that of a header');
    else if (this.#rules.claimCheck !== undefined && isSizeAttribute(property.name)) {
      this.#overflowed(field, 'the name says that the body is elsewhere');
    } else {
      const attribute = attributeOf(property.name, property);
      if (typeof attribute === 'string') this.#overflowed(field, attribute);
      else this.#place(field, attribute, renamed);
    }
  }

  /** Null: the route leaves it out, which is noted. */
  #renamed(field: string, value: Property['value']): string | null | undefined {
    const renamed = this.#rules.rename.get(field);
    if (renamed === null) this.#notes.note(field, 'dropped', leftOut, value);
    return renamed;
  }

  #place(field: Field, attribute: Property, renamed: string | undefined): void {
    if (this.#isTaken(attribute.name) || this.#isOverflowing(field)) {
      this.#overflowed(field, 'another field has the same name');
    } else if (this.#added.length + this.#placed.length >= mostAttributes) {
      this.#overflowed(field, `over ${mostAttributes} attributes`);
    } else {
      const size = attributeSize(attribute);
      if (size > this.#room) this.#notes.note(field.name, 'dropped', tooLarge, field.property.value);
      else {
        this.#room -= size;
        const { name, header, property } = field;
        this.#placed.push({ name, header, property, attribute, size, renamed });
      }
    }
  }

  /** What has the same name is behind it, and stays there. */
  #isOverflowing({ header, property }: Field): boolean {
    if (this.#overflow === undefined || header !== undefined) return false;
    return this.#overflow.some((other) => other.header === undefined && other.property.name === property.name);
  }

  #isTaken(name: string): boolean {
    for (const added of this.#added) if (added.name === name) return true;
    for (const { attribute } of this.#placed) if (attribute.name === name) return true;
    return false;
  }

  #overflowed(field: Field, reason: string): void {
    if (this.#rules.overflow === 'drop') this.#notes.note(field.name, 'dropped', reason, field.property.value);
    else (this.#overflow ??= []).push(field);
  }

  /** One attribute for all that have none of their own; as many of them as there is room for. */
  #packed(overflow: Field[]): Property | undefined {
    if (this.#added.length + this.#placed.length >= mostAttributes) {
      // It needs a place, too.
      const last = this.#placed.pop();
      if (last === undefined) {
        for (const { name, property } of overflow) {
          this.#notes.note(name, 'dropped', 'no attribute is left', property.value);
        }
        return undefined;
      }
      this.#room += last.size;
      overflow.unshift(last);
    }
    while (overflow.length > 0) {
      const property: Property = { name: packedAttribute, type: 'string', value: pack(overflow) };
      if (attributeSize(property) <= this.#room) {
        for (const { name } of overflow) this.#notes.note(name, 'packed', `into ${packedAttribute}`);
        this.#room -= attributeSize(property);
        return property;
      }
      const { name, property: dropped } = overflow.pop()!;
      this.#notes.note(name, 'dropped', tooLarge, dropped.value);
    }
    return undefined;
  }
}

export function isAttributeName(name: string): boolean {
  return name.length <= longestName && attributeName.test(name) && !awsName.test(name);
}

function isValid({ value }: Property): boolean {
  return typeof value !== 'string' || (value !== '' && isXmlText(value));
}

function attributeSize({ name, value, label }: Property): number {
  const valueBytes = value instanceof Uint8Array ? value.length : Buffer.byteLength(String(value));
  return (
    Buffer.byteLength(name) + typeNameBytes + (label === undefined ? 0 : Buffer.byteLength(label) + 1) + valueBytes
  );
}
