// Goes past values without building them, and finds every fault that decoding them would (part 1, section 1.2). Messages
// are checked so when they arrive: what is decoded later, when something asks for it, cannot fail any more.

import { decodeError } from '../conditions.ts';
import { fixedWidths, type Constructor } from './constructors.ts';
import { readBooleanOctet, readCompoundHead, readConstructor, readLength, requireDepth, requireEnd } from './decode.ts';
import type { Reader } from './reader.ts';

export function checkValue(reader: Reader, depth = 0): void {
  const constructor = readConstructor(reader);
  if (constructor !== undefined) return checkData(reader, constructor, depth);
  requireDepth(depth);
  checkValue(reader, depth + 1);
  checkValue(reader, depth + 1);
}

function checkData(reader: Reader, constructor: Constructor, depth: number): void {
  const { code } = constructor;
  const category = code >> 4;
  if (code === 0x56) {
    readBooleanOctet(reader);
  } else if (category < 0xa) {
    reader.advance(fixedWidths[category] as number);
  } else if (category < 0xc) {
    checkText(reader, constructor);
  } else {
    requireDepth(depth);
    const { end, count } = readCompoundHead(reader, code);
    if (category < 0xe) checkItems(reader, constructor, count, depth + 1);
    else checkArrayItems(reader, count, depth + 1);
    requireEnd(reader, end);
  }
}

function checkText(reader: Reader, { type, code }: Constructor): void {
  const length = readLength(reader, code);
  const start = reader.advance(length);
  if (type === 'string') reader.requireUtf8(start, length);
  else if (type === 'symbol') reader.requireAscii(start, length);
}

function checkItems(reader: Reader, { type }: Constructor, count: number, depth: number): void {
  if (type === 'map' && count % 2 !== 0) throw decodeError('map has a key without a value');
  for (let i = 0; i < count; i++) checkValue(reader, depth);
}

function checkArrayItems(reader: Reader, count: number, depth: number): void {
  let constructor = readConstructor(reader);
  if (constructor === undefined) {
    checkValue(reader, depth);
    constructor = readConstructor(reader);
    if (constructor === undefined) throw decodeError('array of values described twice');
  }
  reader.requireItemCount(constructor, count);
  for (let i = 0; i < count; i++) checkData(reader, constructor, depth);
}
