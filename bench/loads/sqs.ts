// SQS over JSON 1.0 on HTTP/1.1: connections that have one request under way each. Senders send one message a request, or
// ten; workers receive ten and delete them with one request.

import { now } from '../measure/clock.ts';
import { FrameRing } from './frame-ring.ts';
import { account, HttpConnection, request } from './http.ts';
import { shareOf } from './orders.ts';
import type { Load, LoadOptions, Order, Progress } from './orders.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';

export async function sqsSender({ port, connections, destinations, bodyBytes }: LoadOptions): Promise<Sender> {
  const sender = new Sender(1);
  const MessageBody = 'x'.repeat(bodyBytes);
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    const frames = shareOf(destinations, i, connections).map((name) =>
      request(port, 'sqs', 'SendMessage', { QueueUrl: queueUrl(port, name), MessageBody }),
    );
    const ring = new FrameRing(frames);
    const connection = { send: (count: number) => ring.write(http.socket, count) };
    sender.add(connection);
    http.onAnswer = () => sender.acknowledged(connection, 1);
  }
  return sender;
}

/** `window` messages a request. */
export async function sqsBatchSender(options: LoadOptions): Promise<Sender> {
  const { port, connections, destinations, bodyBytes, window } = options;
  const sender = new Sender(window);
  const MessageBody = 'x'.repeat(bodyBytes);
  const Entries = Array.from({ length: window }, (_, index) => ({ Id: String(index), MessageBody }));
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    const QueueUrl = queueUrl(port, destinations[i % destinations.length]!);
    const frame = request(port, 'sqs', 'SendMessageBatch', { QueueUrl, Entries });
    const connection = { send: () => http.socket.write(frame) };
    sender.add(connection);
    http.onAnswer = (body) => {
      if (body.includes('"Failed":[{')) throw new Error(body.toString());
      sender.acknowledged(connection, window);
    };
  }
  return sender;
}

const numberDigits = 12;
const groupDigits = 4;
const groupCount = 1000;

/** Each message has a deduplication id of its own, and goes to the next of a thousand groups. */
export async function sqsFifoSender({ port, connections, destinations, bodyBytes }: LoadOptions): Promise<Sender> {
  const sender = new Sender(1);
  const QueueUrl = queueUrl(port, destinations[0]!);
  let sent = 0;
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    const frame = request(port, 'sqs', 'SendMessage', {
      QueueUrl,
      MessageBody: 'x'.repeat(bodyBytes),
      MessageGroupId: `group-${'0'.repeat(groupDigits)}`,
      MessageDeduplicationId: `number-${'0'.repeat(numberDigits)}`,
    });
    const group = frame.indexOf('group-') + 'group-'.length;
    const number = frame.indexOf('number-') + 'number-'.length;
    const connection = {
      // The answer to the request before it was there: the socket does not hold the frame any more.
      send: () => {
        frame.write(String(sent % groupCount).padStart(groupDigits, '0'), group, 'latin1');
        frame.write(String(sent++).padStart(numberDigits, '0'), number, 'latin1');
        http.socket.write(frame);
      },
    };
    sender.add(connection);
    http.onAnswer = () => sender.acknowledged(connection, 1);
  }
  return sender;
}

/** Takes nothing before it is told how much; from several queues by turns. Tells how long its receives took. */
export async function sqsWorker({ port, connections, destinations }: LoadOptions): Promise<Load> {
  const receiver = new Receiver();
  const begin: (() => void)[] = [];
  let working = false;
  let latencies: number[] = [];
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    const queues = shareOf(destinations, i, connections).map((name) => {
      const QueueUrl = queueUrl(port, name);
      const input = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 };
      return { QueueUrl, receive: request(port, 'sqs', 'ReceiveMessage', input) };
    });
    let turn = 0;
    let deleting = 0;
    let askedAt = 0;
    let busy = false;
    const next = (): void => {
      busy = working;
      if (!working) return;
      turn = (turn + 1) % queues.length;
      askedAt = now();
      http.socket.write(queues[turn]!.receive);
    };
    http.onAnswer = (body) => {
      if (deleting > 0) {
        const count = deleting;
        deleting = 0;
        receiver.received(count);
        next();
        return;
      }
      const handles = receiptHandles(body);
      if (handles.length === 0) {
        next();
        return;
      }
      latencies.push(now() - askedAt);
      deleting = handles.length;
      http.socket.write(deleteRequest(port, queues[turn]!.QueueUrl, handles));
    };
    begin.push(() => {
      if (!busy) next();
    });
  }
  return {
    obey: async (order: Order): Promise<Progress> => {
      working = true;
      for (const start of begin) start();
      const progress = await receiver.obey(order);
      working = false;
      const taken = latencies;
      latencies = [];
      return { ...progress, latencies: taken };
    },
  };
}

export function queueUrl(port: number, name: string): string {
  return `http://127.0.0.1:${port}/${account}/${name}`;
}

export function deleteRequest(port: number, QueueUrl: string, handles: readonly string[]): Buffer {
  const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
  return request(port, 'sqs', 'DeleteMessageBatch', { QueueUrl, Entries });
}

export function receiptHandles(body: Buffer): readonly string[] {
  return Array.from(body.toString('latin1').matchAll(/"ReceiptHandle":"([^"]+)"/g), (match) => match[1]!);
}
