// Which protocol a client speaks, from its first bytes: for a port that takes them all.

export type Spoken = 'amqp' | 'mqtt' | 'stomp' | 'http' | 'tls';

/** Bytes after which the answer is known, whatever they are. */
export const mostSniffed = 32;

const mqttConnect = 0x10;
const tlsHandshake = 0x16;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** What follows the remaining length in CONNECT: the protocol's name (MQTT 3.1.1, 3.1.2.1; MQTT 3.1). */
const mqttNames = [Buffer.from('\0\x04MQTT'), Buffer.from('\0\x06MQIsdp')];
/** STOMP's, with the end of their line: HTTP has a CONNECT too. */
const stompCommands = ['CONNECT\n', 'CONNECT\r', 'STOMP\n', 'STOMP\r'].map((text) => Buffer.from(text));
const amqpName = [Buffer.from('AMQP')];
const httpGet = [Buffer.from('GET ')];
const longestLengthBytes = 4;

/** `undecided`: the next bytes will tell; undefined: none of them. */
export function sniff(bytes: Buffer): Spoken | 'undecided' | undefined {
  if (bytes.length === 0) return 'undecided';
  const [first] = bytes;
  const answer =
    first === tlsHandshake
      ? isClientHello(bytes)
      : first === mqttConnect
        ? isMqttConnect(bytes)
        : (startsWithOneOf(bytes, amqpName, 'amqp') ??
          startsWithOneOf(bytes, httpGet, 'http') ??
          startsWithOneOf(withoutLineEnds(bytes), stompCommands, 'stomp'));
  return answer === 'undecided' && bytes.length >= mostSniffed ? undefined : answer;
}

/** A record of TLS 1.0 or newer (RFC 8446, 5.1: its version is not the protocol's) with a ClientHello in it. */
function isClientHello(bytes: Buffer): Spoken | 'undecided' | undefined {
  if (bytes.length > 1 && bytes[1] !== 3) return undefined;
  if (bytes.length < 6) return 'undecided';
  return bytes[5] === 1 ? 'tls' : undefined;
}

function isMqttConnect(bytes: Buffer): Spoken | 'undecided' | undefined {
  let end = 1;
  while (end <= longestLengthBytes && end < bytes.length && bytes[end]! >= 0x80) end++;
  if (end > longestLengthBytes) return undefined;
  return startsWithOneOf(bytes.subarray(end + 1), mqttNames, 'mqtt');
}

/** A STOMP client may send ends of lines before its first frame: heart-beats that came early. */
function withoutLineEnds(bytes: Buffer): Buffer {
  let start = 0;
  while (bytes[start] === lineFeed || bytes[start] === carriageReturn) start++;
  return bytes.subarray(start);
}

function startsWithOneOf(
  bytes: Buffer,
  beginnings: readonly Buffer[],
  answer: Spoken,
): Spoken | 'undecided' | undefined {
  let result: 'undecided' | undefined;
  for (const beginning of beginnings) {
    const common = Math.min(bytes.length, beginning.length);
    if (bytes.compare(beginning, 0, common, 0, common) !== 0) continue;
    if (common === beginning.length) return answer;
    result = 'undecided';
  }
  return result;
}
