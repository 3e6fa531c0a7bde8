// MQTT 3.1.1, QoS 1, durable sessions: publishers with PUBLISH frames made beforehand, subscribers that acknowledge
// what came with one chunk in one write.

import mqttPacket from 'mqtt-packet';
import type { Socket } from 'node:net';
import { FrameRing } from './frame-ring.ts';
import { shareOf } from './orders.ts';
import type { LoadOptions } from './orders.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { connected, nextBytes, Remainder } from './socket.ts';

const publish = 3;
const puback = 0x40;
export const pubackLength = 4;

export async function mqttPublisher({
  port,
  connections,
  destinations,
  window,
  bodyBytes,
}: LoadOptions): Promise<Sender> {
  const sender = new Sender(window);
  for (let i = 0; i < connections; i++) {
    const socket = await connectMqtt(port, `bench-publisher-${i}`);
    const share = shareOf(destinations, i, connections);
    const payload = Buffer.alloc(bodyBytes, 'x');
    const frames = Array.from({ length: window }, (_, slot) =>
      mqttPacket.generate({
        cmd: 'publish',
        topic: share[slot % share.length]!,
        payload,
        qos: 1,
        messageId: slot + 1,
        dup: false,
        retain: false,
      }),
    );
    const ring = new FrameRing(frames);
    const connection = { send: (count: number) => ring.write(socket, count) };
    sender.add(connection);
    // Acknowledgements come in the order of the messages [MQTT-4.6.0-2]: counting them is enough.
    let odd = 0;
    socket.on('data', (chunk) => {
      const start = (pubackLength - odd) % pubackLength;
      if (chunk.length > start && chunk[start] !== puback) throw new Error(`packet 0x${chunk[start]?.toString(16)}`);
      const count = Math.floor((odd + chunk.length) / pubackLength);
      odd = (odd + chunk.length) % pubackLength;
      if (count > 0) sender.acknowledged(connection, count);
    });
  }
  return sender;
}

export async function mqttSubscriber({ port, connections, destinations }: LoadOptions): Promise<Receiver> {
  const receiver = new Receiver();
  for (let i = 0; i < connections; i++) {
    const socket = await connectMqtt(port, `bench-subscriber-${i}`);
    const subscriptions = destinations
      .filter((_, index) => index % connections === i)
      .map((topic) => ({ topic, qos: 1 as const }));
    socket.write(mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions }));
    await nextBytes(socket);
    const remainder = new Remainder();
    socket.on('data', (chunk) => {
      const acknowledgements: number[] = [];
      remainder.keep(readPublishes(remainder.join(chunk), acknowledgements));
      if (acknowledgements.length > 0) socket.write(Buffer.from(acknowledgements));
      receiver.received(acknowledgements.length / pubackLength);
    });
  }
  return receiver;
}

export async function connectMqtt(
  port: number,
  clientId: string,
  session: 'clean' | 'durable' = 'durable',
): Promise<Socket> {
  const socket = await connected(port);
  socket.write(
    mqttPacket.generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clientId,
      clean: session === 'clean',
      keepalive: 0,
    }),
  );
  const connack = await nextBytes(socket);
  if (connack[0] !== 0x20 || connack[3] !== 0) throw new Error(`CONNACK ${connack.toString('hex')}`);
  return socket;
}

/** Adds a PUBACK for each whole PUBLISH; returns what is left of the bytes. */
function readPublishes(bytes: Buffer, acknowledgements: number[]): Buffer {
  let at = 0;
  while (at + 2 <= bytes.length) {
    let length = 0;
    let shift = 0;
    let body = at + 1;
    let octet: number;
    do {
      if (body >= bytes.length) return bytes.subarray(at);
      octet = bytes[body++]!;
      length |= (octet & 0x7f) << shift;
      shift += 7;
    } while (octet > 0x7f);
    if (body + length > bytes.length) break;
    if (bytes[at]! >> 4 === publish) {
      const identifier = body + 2 + bytes.readUInt16BE(body);
      acknowledgements.push(puback, 2, bytes[identifier]!, bytes[identifier + 1]!);
    }
    at = body + length;
  }
  return bytes.subarray(at);
}
