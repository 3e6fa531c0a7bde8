// HTTP/1.1 as the loads of cloud services speak it: requests made beforehand, and connections that are kept alive and have
// one request under way each. Nobody checks the signatures.

import type { Socket } from 'node:net';
import { connected } from './socket.ts';

export const account = '000000000000';

/** How the services that speak JSON are asked. */
const services = {
  sqs: { target: 'AmazonSQS', contentType: 'application/x-amz-json-1.0' },
  kinesis: { target: 'Kinesis_20131202', contentType: 'application/x-amz-json-1.1' },
} as const;

type Service = keyof typeof services;

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function authorization(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

/** On the JSON wires. */
export function action(service: Service, name: string, input: object): Asked {
  const { target, contentType } = services[service];
  return {
    headers: {
      'Content-Type': contentType,
      'X-Amz-Target': `${target}.${name}`,
      'X-Amz-Date': '20260101T000000Z',
      Authorization: authorization(service),
    },
    body: JSON.stringify(input),
  };
}

/** On the Query wire, which is the one of SNS. */
function queryAction(name: string, input: Readonly<Record<string, string>>): Asked {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: authorization('sns') };
  return { headers, body: new URLSearchParams({ Action: name, Version: '2010-03-31', ...input }).toString() };
}

function bytesOf(port: number, { headers, body }: Asked): Buffer {
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, ...headers, 'Content-Length': Buffer.byteLength(body) });
  const head = lines.map(([header, value]) => `${header}: ${value}\r\n`).join('');
  return Buffer.from(`POST / HTTP/1.1\r\n${head}\r\n${body}`);
}

/** The bytes of one request. */
export function request(port: number, service: Service, name: string, input: object): Buffer {
  return bytesOf(port, action(service, name, input));
}

export function queryRequest(port: number, name: string, input: Readonly<Record<string, string>>): Buffer {
  return bytesOf(port, queryAction(name, input));
}

/** For what is prepared before a measurement. */
export async function ask(port: number, service: Service, name: string, input: object): Promise<object> {
  const text = await post(port, name, action(service, name, input));
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return typeof value === 'object' && value !== null ? value : {};
}

/** @returns the text of the answer. */
export function askQuery(port: number, name: string, input: Readonly<Record<string, string>>): Promise<string> {
  return post(port, name, queryAction(name, input));
}

async function post(port: number, name: string, { headers, body }: Asked): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${name}: ${text}`);
  return text;
}

const headEnd = '\r\n\r\n';

/** One connection, one request at a time. */
export class HttpConnection {
  readonly socket: Socket;
  onAnswer: (body: Buffer) => void = () => undefined;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Of the answer that is being read, once its head is there. */
  #headBytes = 0;
  #bytes = Infinity;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#add(chunk));
  }

  static async open(port: number): Promise<HttpConnection> {
    return new HttpConnection(await connected(port));
  }

  #add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#bytes === Infinity) this.#readHead();
    if (this.#held < this.#bytes) return;
    const body = this.#joined().subarray(this.#headBytes);
    this.#chunks = [];
    this.#held = 0;
    this.#bytes = Infinity;
    this.onAnswer(body);
  }

  #readHead(): void {
    const bytes = this.#joined();
    const end = bytes.indexOf(headEnd);
    if (end < 0) return;
    const head = bytes.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(bytes.toString());
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`no length: ${head}`);
    this.#headBytes = end + headEnd.length;
    this.#bytes = this.#headBytes + Number(length);
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }
}
