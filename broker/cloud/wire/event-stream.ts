// Event streams (vnd.amazon.eventstream): messages that follow each other in one answer, each with typed headers, a
// payload, and two checksums. Layout: total length, length of headers, CRC of these, headers, payload, CRC of all.

import { crc32 } from 'node:zlib';
import { AwsError } from '../errors.ts';
import type { EventShapes } from '../service.ts';
import type { StructureShape } from '../shape.ts';
import { plainRefusal } from './refusal.ts';
import type { Answer } from './wire.ts';

const contentType = 'application/vnd.amazon.eventstream';
const stringHeader = 7;
const framing = 16;

type WritePayload = (shape: StructureShape, value: object) => Buffer;

/** The answer of an operation whose output is a stream of events, each written by the wire of the request. */
export function eventAnswer(
  { member, events }: EventShapes,
  output: object | undefined,
  payloadType: string,
  write: WritePayload,
): Answer {
  const source: unknown = output === undefined ? undefined : Reflect.get(output, member);
  const stream = encode(source as AsyncIterable<Readonly<Record<string, object>>>, events, payloadType, write);
  return { status: 200, contentType, body: '', stream };
}

async function* encode(
  source: AsyncIterable<Readonly<Record<string, object>>>,
  shapes: Readonly<Record<string, StructureShape>>,
  payloadType: string,
  write: WritePayload,
): AsyncGenerator<Buffer> {
  // SDKs wait for it before they give the stream to their caller.
  yield message(
    { ':message-type': 'event', ':event-type': 'initial-response', ':content-type': payloadType },
    write(none, {}),
  );
  try {
    for await (const event of source) {
      for (const [name, value] of Object.entries(event)) {
        const headers = { ':message-type': 'event', ':event-type': name, ':content-type': payloadType };
        yield message(headers, write(shapes[name]!, value));
      }
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { __type: type = '', message: text = '' } = plainRefusal(error);
    const headers = { ':message-type': 'exception', ':exception-type': type, ':content-type': payloadType };
    yield message(headers, write(exception, { message: text }));
  }
}

const none: StructureShape = { kind: 'structure', members: {}, entries: [] };
const exception: StructureShape = {
  kind: 'structure',
  members: { message: { kind: 'string' } },
  entries: [['message', { kind: 'string' }]],
};

function message(headers: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  let headerBytes = 0;
  for (const [name, value] of Object.entries(headers)) headerBytes += 4 + name.length + Buffer.byteLength(value);
  const bytes = Buffer.allocUnsafe(framing + headerBytes + payload.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(headerBytes, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  let offset = 12;
  for (const [name, value] of Object.entries(headers)) {
    offset = bytes.writeUInt8(name.length, offset);
    offset += bytes.write(name, offset, 'latin1');
    offset = bytes.writeUInt8(stringHeader, offset);
    offset = bytes.writeUInt16BE(Buffer.byteLength(value), offset);
    offset += bytes.write(value, offset, 'utf8');
  }
  payload.copy(bytes, offset);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return bytes;
}
