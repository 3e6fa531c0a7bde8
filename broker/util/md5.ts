// MD5 (RFC 1321) of short texts. Node's own costs about two microseconds a call, whatever it is given; a text that fits into
// one block takes a sixth of that here. For anything but telling keys apart evenly, node:crypto is the one to ask.

import { hash } from 'node:crypto';

const blockBytes = 64;
/** After the text come a bit and its length. */
const longest = blockBytes - 9;

/** RFC 1321, 3.4: shifts of the four rounds, and the sines. */
const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

const block = new Uint8Array(blockBytes);
const words = new DataView(block.buffer);
const x = new Int32Array(16);

/** The digest of the text's UTF-8, as four numbers of 32 bits, the first bytes in the first, into `digest`. */
export function md5Words(text: string, digest: Uint32Array<ArrayBuffer>): void {
  const { length } = text;
  let isShort = length <= longest;
  for (let i = 0; isShort && i < length; i++) {
    const unit = text.charCodeAt(i);
    isShort = unit < 0x80;
    block[i] = unit;
  }
  if (isShort) digestBlock(length, digest);
  else {
    const bytes = hash('md5', text, 'buffer');
    for (let i = 0; i < 4; i++) digest[i] = bytes.readUInt32BE(i * 4);
  }
}

/** Of the first bytes of the block. */
function digestBlock(length: number, digest: Uint32Array<ArrayBuffer>): void {
  block.fill(0, length);
  block[length] = 0x80;
  words.setUint16(blockBytes - 8, length * 8, true);
  for (let i = 0; i < 16; i++) x[i] = words.getInt32(i * 4, true);
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let mixed: number;
    let word: number;
    if (round === 0) {
      mixed = (b & c) | (~b & d);
      word = i;
    } else if (round === 1) {
      mixed = (d & b) | (~d & c);
      word = (5 * i + 1) & 15;
    } else if (round === 2) {
      mixed = b ^ c ^ d;
      word = (3 * i + 5) & 15;
    } else {
      mixed = c ^ (b | ~d);
      word = (7 * i) & 15;
    }
    const sum = (a + mixed + x[word]! + sines[i]!) | 0;
    const shift = shifts[(round << 2) | (i & 3)]!;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  digest[0] = swapped((a + 0x67452301) | 0);
  digest[1] = swapped((b + (0xefcdab89 | 0)) | 0);
  digest[2] = swapped((c + (0x98badcfe | 0)) | 0);
  digest[3] = swapped((d + 0x10325476) | 0);
}

/** MD5's words are little-endian. */
function swapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
