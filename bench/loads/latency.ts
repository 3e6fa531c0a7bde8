// From a publish on MQTT to the message in the hands of SQS workers, at a fixed rate. Each message carries the time at
// which it was meant to be sent: what is late at the sender counts too, so that a stall is not left out of the figures
// because nothing was sent while it lasted (coordinated omission).

import mqttPacket from 'mqtt-packet';
import { now } from '../measure/clock.ts';
import { HttpConnection, request } from './http.ts';
import { connectMqtt, pubackLength } from './mqtt.ts';
import type { Load, LoadOptions, Order, Progress } from './orders.ts';
import { stampLength } from './pace.ts';
import { PacedSender } from './paced-sender.ts';
import { Receiver } from './receiver.ts';
import { deleteRequest, queueUrl, receiptHandles } from './sqs.ts';

export async function pacedPublisher({ port, destinations, bodyBytes }: LoadOptions): Promise<Load> {
  const socket = await connectMqtt(port, 'bench-paced');
  const topic = destinations[0]!;
  const rest = 'x'.repeat(bodyBytes - stampLength);
  let sent = 0;
  const sender = new PacedSender((stamps) => {
    const frames = stamps.map((stamped) =>
      mqttPacket.generate({
        cmd: 'publish',
        topic,
        payload: stamped + rest,
        qos: 1,
        messageId: (sent++ % 65_535) + 1,
        dup: false,
        retain: false,
      }),
    );
    socket.write(Buffer.concat(frames));
  });
  let odd = 0;
  socket.on('data', (chunk) => {
    const bytes = odd + chunk.length;
    odd = bytes % pubackLength;
    sender.acknowledged((bytes - odd) / pubackLength);
  });
  return sender;
}

const stampedBody = new RegExp(`"Body":"([\\d.]{${stampLength}})`, 'g');

/** Long polls on some connections, deletions on others of its own; of several queues by turns. */
export async function latencyWorker({ port, connections, destinations }: LoadOptions): Promise<Load> {
  const receiver = new Receiver();
  let latencies: number[] = [];
  for (let i = 0; i < connections; i++) {
    const QueueUrl = queueUrl(port, destinations[i % destinations.length]!);
    const poll = request(port, 'sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 });
    const polling = await HttpConnection.open(port);
    const deleting = await HttpConnection.open(port);
    const pending: string[] = [];
    let isDeleting = false;
    const remove = (): void => {
      const handles = pending.splice(0, 10);
      isDeleting = handles.length > 0;
      if (isDeleting) deleting.socket.write(deleteRequest(port, QueueUrl, handles));
    };
    deleting.onAnswer = remove;
    polling.onAnswer = (body) => {
      const arrivedAt = now();
      polling.socket.write(poll);
      const handles = receiptHandles(body);
      for (const [, meant] of body.toString('latin1').matchAll(stampedBody)) latencies.push(arrivedAt - Number(meant));
      pending.push(...handles);
      receiver.received(handles.length);
      if (!isDeleting) remove();
    };
    polling.socket.write(poll);
  }
  return {
    obey: async (order: Order): Promise<Progress> => {
      const progress = await receiver.obey(order);
      const taken = latencies;
      latencies = [];
      return { ...progress, latencies: taken };
    },
  };
}
