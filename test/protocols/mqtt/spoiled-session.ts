// Sessions that no client means: packets in any order, with bytes changed, cut out, put in and repeated.

import mqttPacket from 'mqtt-packet';
import type { Packet } from 'mqtt-packet';

export type Random = (below: number) => number;

/** mulberry32 */
export function randomOf(start: number): Random {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const topics = ['a', 'a/b', '$x/y', '/', 'ü'];
const filters = ['a', 'a/+', '#', '+/b', '$x/#', '$share/g/a'];

type Version = 4 | 5;

/** Properties of MQTT 5 that such a packet may have; sometimes of another packet. */
function properties(random: Random, cmd: Packet['cmd'], version: Version): { properties?: object } {
  if (version < 5 || random(3) > 0) return {};
  const userProperties = { [`k${random(3)}`]: ['v', 'w'] };
  switch (cmd) {
    case 'connect':
      return {
        properties: {
          sessionExpiryInterval: random(3) * 1000,
          receiveMaximum: 1 + random(4),
          maximumPacketSize: 20 + random(200),
          topicAliasMaximum: random(3),
          requestProblemInformation: random(2) === 0,
          requestResponseInformation: random(2) === 0,
          ...(random(8) === 0
            ? { authenticationMethod: 'SCRAM-SHA-256', authenticationData: Buffer.from('n,,n=u,r=x') }
            : {}),
          userProperties,
        },
      };
    case 'publish':
      return {
        properties: {
          payloadFormatIndicator: random(2) === 0,
          messageExpiryInterval: random(3),
          ...(random(2) === 0 ? { topicAlias: 1 + random(70) } : {}),
          responseTopic: 'r',
          correlationData: Buffer.from([random(256)]),
          contentType: 't',
          userProperties,
        },
      };
    case 'subscribe':
      return { properties: { subscriptionIdentifier: 1 + random(200), userProperties } };
    case 'disconnect':
      return { properties: { sessionExpiryInterval: random(3) * 1000, reasonString: 'x' } };
    default:
      return { properties: { reasonString: 'x', userProperties } };
  }
}

function connectPacket(random: Random, protocolVersion: Version): Packet {
  const qos = random(3) as 0 | 1 | 2;
  const delay = protocolVersion === 5 ? { properties: { willDelayInterval: random(2) * 1000 } } : {};
  const will = { topic: 'will', payload: Buffer.from('w'), qos, retain: random(2) === 0, ...delay };
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion,
    ...properties(random, 'connect', protocolVersion),
    clientId: `c${random(60)}`,
    clean: random(2) === 0,
    keepalive: random(100),
    ...(random(3) === 0 ? { will } : {}),
    ...(random(4) === 0 ? { username: 'u', password: Buffer.from('p') } : {}),
  };
}

function packet(random: Random, version: Version): Packet {
  const plain = plainPacket(random, version);
  return Object.assign(plain, plain.cmd === 'pingreq' ? {} : properties(random, plain.cmd, version));
}

function plainPacket(random: Random, version: Version): Packet {
  const messageId = 1 + random(4);
  const qos = random(3) as 0 | 1 | 2;
  switch (random(12)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const payload = Buffer.alloc(random(8) === 0 ? random(30_000) : random(20), 'x');
      const flags = { dup: qos > 0 && random(4) === 0, retain: random(4) === 0 };
      return { cmd: 'publish', topic: topics[random(topics.length)]!, payload, qos, messageId, ...flags };
    }
    case 4:
    case 5:
      return {
        cmd: 'subscribe',
        messageId,
        subscriptions: [
          {
            topic: filters[random(filters.length)]!,
            qos,
            ...(version === 5 ? { nl: random(4) === 0, rap: random(2) === 0, rh: random(3) } : {}),
          },
        ],
      };
    case 6:
      return { cmd: 'unsubscribe', messageId, unsubscriptions: [filters[random(filters.length)]!] };
    case 7:
      return { cmd: 'puback', messageId };
    case 8:
      return { cmd: 'pubrec', messageId };
    case 9:
      return { cmd: 'pubrel', messageId };
    case 10:
      return { cmd: 'pubcomp', messageId };
    default:
      return { cmd: 'pingreq' };
  }
}

function session(random: Random): Buffer {
  const protocolVersion = random(2) === 0 ? 4 : 5;
  const packets: Packet[] = [connectPacket(random, protocolVersion)];
  for (let count = random(12); count > 0; count--) packets.push(packet(random, protocolVersion));
  if (random(3) === 0) packets.push({ cmd: 'disconnect', ...properties(random, 'disconnect', protocolVersion) });
  if (random(20) === 0) packets.push(packets[random(packets.length)]!);
  return Buffer.concat(packets.map((one) => mqttPacket.generate(one, { protocolVersion })));
}

export function spoiledSession(random: Random): Buffer {
  let bytes = session(random);
  for (let times = random(4); times > 0; times--) {
    const at = random(bytes.length);
    const length = 1 + random(8);
    switch (random(5)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at] = bytes[at]! ^ (1 << random(8));
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + length))]);
        break;
      case 3: {
        const junk = Buffer.from(Array.from({ length }, () => random(256)));
        bytes = Buffer.concat([bytes.subarray(0, at), junk, bytes.subarray(at)]);
        break;
      }
      default:
        bytes = Buffer.concat([bytes, bytes.subarray(at)]);
    }
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}
