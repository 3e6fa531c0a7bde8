// MQTT 3.1.1, QoS 0: publishers with a subscriber each. Nothing is acknowledged: what the subscriber got makes room for
// the publisher's next, so that nothing has to be dropped. Both ends are in one process.

import mqttPacket from 'mqtt-packet';
import { FrameRing } from './frame-ring.ts';
import { connectMqtt } from './mqtt.ts';
import { shareOf } from './orders.ts';
import type { LoadOptions } from './orders.ts';
import { Sender } from './sender.ts';
import { nextBytes } from './socket.ts';

const publish = 0x30;

export async function mqttRelay({ port, connections, destinations, window, bodyBytes }: LoadOptions): Promise<Sender> {
  const sender = new Sender(window);
  for (let i = 0; i < connections; i++) {
    const [topic] = shareOf(destinations, i, connections);
    const payload = Buffer.alloc(bodyBytes, 'x');
    const frame = mqttPacket.generate({ cmd: 'publish', topic: topic!, payload, qos: 0, dup: false, retain: false });
    const publisher = await connectMqtt(port, `bench-publisher-${i}`, 'clean');
    const subscriber = await connectMqtt(port, `bench-subscriber-${i}`, 'clean');
    subscriber.write(
      mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: topic!, qos: 0 }] }),
    );
    await nextBytes(subscriber);
    const ring = new FrameRing(Array.from({ length: window }, () => frame));
    const connection = { send: (count: number) => ring.write(publisher, count) };
    sender.add(connection);
    // A packet of QoS 0 arrives as it was sent, byte for byte: counting bytes is enough.
    let odd = 0;
    subscriber.on('data', (chunk) => {
      const start = (frame.length - odd) % frame.length;
      if (chunk.length > start && chunk[start] !== publish) throw new Error(`packet 0x${chunk[start]?.toString(16)}`);
      const count = Math.floor((odd + chunk.length) / frame.length);
      odd = (odd + chunk.length) % frame.length;
      if (count > 0) sender.acknowledged(connection, count);
    });
  }
  return sender;
}
