// SQS over JSON 1.0 on HTTP/1.1: connections that are kept alive and have one request under way each. Senders send one
// message a request; workers receive ten and delete them with one request.

import type { Socket } from 'node:net';
import { FrameRing } from './frame-ring.ts';
import type { Load, LoadOptions, Order, Progress } from './orders.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { connected } from './socket.ts';

const account = '000000000000';

export async function sqsSender({ port, connections, destinations, bodyBytes }: LoadOptions): Promise<Sender> {
  const sender = new Sender(1);
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    const QueueUrl = queueUrl(port, destinations[i % destinations.length]!);
    const ring = new FrameRing([request(port, 'SendMessage', { QueueUrl, MessageBody: 'x'.repeat(bodyBytes) })]);
    const connection = { send: (count: number) => ring.write(http.socket, count) };
    sender.add(connection);
    http.onAnswer = () => sender.acknowledged(connection, 1);
  }
  return sender;
}

/** Takes nothing before it is told how much. */
export async function sqsWorker({ port, connections, destinations }: LoadOptions): Promise<Load> {
  const receiver = new Receiver();
  const begin: (() => void)[] = [];
  let working = false;
  for (let i = 0; i < connections; i++) {
    const http = await HttpConnection.open(port);
    const QueueUrl = queueUrl(port, destinations[i % destinations.length]!);
    const receive = request(port, 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 });
    let deleting = 0;
    const next = (): void => {
      if (working) http.socket.write(receive);
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
      deleting = handles.length;
      http.socket.write(deleteRequest(port, QueueUrl, handles));
    };
    begin.push(next);
  }
  return {
    obey: async (order: Order): Promise<Progress> => {
      working = true;
      for (const start of begin) start();
      const progress = await receiver.obey(order);
      working = false;
      return progress;
    },
  };
}

export function queueUrl(port: number, name: string): string {
  return `http://127.0.0.1:${port}/${account}/${name}`;
}

/** An action on the JSON wire. Nobody checks the signature. */
export function action(
  name: string,
  input: object,
): { readonly headers: Record<string, string>; readonly body: string } {
  return {
    headers: {
      'Content-Type': 'application/x-amz-json-1.0',
      'X-Amz-Target': `AmazonSQS.${name}`,
      Authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  };
}

/** As `action`, in the bytes of one request. */
export function request(port: number, name: string, input: object): Buffer {
  const { headers, body } = action(name, input);
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...headers, 'Content-Length': Buffer.byteLength(body) });
  const head = lines.map(([header, value]) => `${header}: ${value}\r\n`).join('');
  return Buffer.from(`POST / HTTP/1.1\r\n${head}\r\n${body}`);
}

export function deleteRequest(port: number, QueueUrl: string, handles: readonly string[]): Buffer {
  const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
  return request(port, 'DeleteMessageBatch', { QueueUrl, Entries });
}

export function receiptHandles(body: string): readonly string[] {
  return Array.from(body.matchAll(/"ReceiptHandle":"([^"]+)"/g), (match) => match[1]!);
}

/** One connection, one request at a time. */
export class HttpConnection {
  readonly socket: Socket;
  onAnswer: (body: string) => void = () => undefined;
  #text = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#add(chunk));
  }

  static async open(port: number): Promise<HttpConnection> {
    return new HttpConnection(await connected(port));
  }

  #add(chunk: string): void {
    this.#text += chunk;
    const headEnd = this.#text.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, headEnd))?.[1];
    if (length === undefined) throw new Error(`no length: ${this.#text.slice(0, headEnd)}`);
    if (this.#text.length < headEnd + 4 + Number(length)) return;
    const text = this.#text;
    this.#text = '';
    if (!text.startsWith('HTTP/1.1 200')) throw new Error(text);
    this.onAnswer(text.slice(headEnd + 4));
  }
}
