// From a publish on MQTT to the message in the hands of an SQS worker, at a fixed rate. Each message carries the time at
// which it was meant to be sent: what is late at the sender counts too, so that a stall is not left out of the figures
// because nothing was sent while it lasted (coordinated omission).

import mqttPacket from 'mqtt-packet';
import { now } from '../measure/clock.ts';
import { connectMqtt } from './mqtt.ts';
import type { Load, LoadOptions, Order, Progress } from './orders.ts';
import { Receiver } from './receiver.ts';
import { deleteRequest, HttpConnection, queueUrl, receiptHandles, request } from './sqs.ts';

const stampLength = 20;

export async function pacedPublisher({ port, destinations, bodyBytes }: LoadOptions): Promise<Load> {
  const socket = await connectMqtt(port, 'bench-paced');
  const topic = destinations[0]!;
  const rest = 'x'.repeat(bodyBytes - stampLength);
  let acknowledgedBytes = 0;
  let settled: (() => void) | undefined;
  let sent = 0;
  socket.on('data', (chunk) => {
    acknowledgedBytes += chunk.length;
    if (acknowledgedBytes / 4 === sent) settled?.();
  });

  const sendDue = (startedAt: number, intervalMs: number, due: number, already: number): void => {
    const frames: Buffer[] = [];
    for (let i = already; i < due; i++) {
      const meant = (startedAt + i * intervalMs).toFixed(3).padStart(stampLength, '0');
      const messageId = (sent++ % 65_535) + 1;
      frames.push(
        mqttPacket.generate({
          cmd: 'publish',
          topic,
          payload: meant + rest,
          qos: 1,
          messageId,
          dup: false,
          retain: false,
        }),
      );
    }
    if (frames.length > 0) socket.write(Buffer.concat(frames));
  };

  return {
    obey: async (order: Order): Promise<Progress> => {
      if (order.do !== 'send') throw new Error(`a publisher cannot ${order.do}`);
      const intervalMs = 1000 / order.perSecond!;
      const total = Math.floor(order.ms / intervalMs);
      const startedAt = now() + intervalMs;
      for (let done = 0; done < total;) {
        // A pause of the thread keeps time better than the event loop's timers, which count whole milliseconds.
        const wait = startedAt + done * intervalMs - now();
        if (wait > 0) Atomics.wait(sleeper, 0, 0, wait);
        const due = Math.min(total, Math.floor((now() - startedAt) / intervalMs) + 1);
        sendDue(startedAt, intervalMs, due, done);
        done = Math.max(done, due);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (acknowledgedBytes / 4 < sent) await new Promise<void>((resolve) => (settled = resolve));
      return { count: sent, at: now() };
    },
  };
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Long polls on some connections, deletions on others of its own. */
export async function latencyWorker({ port, connections, destinations }: LoadOptions): Promise<Load> {
  const receiver = new Receiver();
  let latencies: number[] = [];
  const QueueUrl = queueUrl(port, destinations[0]!);
  const poll = request(port, 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 });
  for (let i = 0; i < connections; i++) {
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
      for (const [, meant] of body.matchAll(/"Body":"([\d.]{20})/g)) latencies.push(arrivedAt - Number(meant));
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
