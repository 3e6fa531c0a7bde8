// HTTP as bytes: what goes over a socket is written out by the test, and what comes back is given as it came.

import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Sends the bytes and gives back all that arrives until the other side closes, or a whole answer has arrived. */
export function exchange(port: number, request: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
      if (isWhole(received)) socket.end();
    });
    // A peer that refuses what is still being sent resets the connection.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(received);
      else reject(error);
    });
    socket.on('close', () => resolve(received));
    socket.write(request);
  });
}

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

export function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

export function jsonRequest(action: string, body: string, headers: readonly string[] = []): string {
  return [
    'POST / HTTP/1.1',
    'Host: 127.0.0.1:4566',
    `X-Amz-Target: AmazonSQS.${action}`,
    'Content-Type: application/x-amz-json-1.0',
    'x-amzn-query-mode: true',
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

export function formRequest(form: string, path = '/', headers: readonly string[] = []): string {
  return [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1:4566',
    'Content-Type: application/x-www-form-urlencoded; charset=utf-8',
    ...headers,
    `Content-Length: ${Buffer.byteLength(form)}`,
    '',
    form,
  ].join('\r\n');
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /\r\nContent-Length: (\d+)/i.exec(text.slice(0, end + 2))?.[1];
  return length !== undefined && text.length >= end + 4 + Number(length);
}
