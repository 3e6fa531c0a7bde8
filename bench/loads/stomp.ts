// STOMP 1.2: senders of persistent messages that wait for receipts, receivers that acknowledge each message.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { FrameRing } from './frame-ring.ts';
import { shareOf } from './orders.ts';
import type { LoadOptions } from './orders.ts';
import { stampLength } from './pace.ts';
import { PacedSender } from './paced-sender.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { connected, Remainder } from './socket.ts';

const lineEnd = 0x0a;
const carriageReturn = 0x0d;

export async function stompSender({
  port,
  connections,
  destinations,
  window,
  bodyBytes,
}: LoadOptions): Promise<Sender> {
  const sender = new Sender(window);
  const body = 'x'.repeat(bodyBytes);
  for (let i = 0; i < connections; i++) {
    const socket = await connectStomp(port);
    const share = shareOf(destinations, i, connections);
    const frames = Array.from({ length: window }, (_, slot) => {
      const receipt = String(slot).padStart(6, '0');
      const destination = share[slot % share.length]!;
      const headers = `destination:${destination}\npersistent:true\nreceipt:${receipt}\ncontent-length:${bodyBytes}`;
      return Buffer.from(`SEND\n${headers}\n\n${body}\0`);
    });
    const ring = new FrameRing(frames);
    const connection = { send: (count: number) => ring.write(socket, count) };
    sender.add(connection);
    const remainder = new Remainder();
    socket.on('data', (chunk) => {
      let receipts = 0;
      remainder.keep(
        readFrames(remainder.join(chunk), (bytes, start, end) => {
          if (bytes[start] !== letterR) throw new Error(bytes.toString('latin1', start, end));
          receipts++;
        }),
      );
      if (receipts > 0) sender.acknowledged(connection, receipts);
    });
  }
  return sender;
}

/** Persistent messages on a timetable, with a receipt for each. */
export async function pacedStompSender({ port, destinations, bodyBytes }: LoadOptions): Promise<PacedSender> {
  const socket = await connectStomp(port);
  const headers = `destination:${destinations[0]!}\npersistent:true\nreceipt:0\ncontent-length:${bodyBytes}`;
  const rest = 'x'.repeat(bodyBytes - stampLength);
  const sender = new PacedSender((stamps) => {
    socket.write(stamps.map((stamped) => `SEND\n${headers}\n\n${stamped}${rest}\0`).join(''), 'latin1');
  });
  const remainder = new Remainder();
  socket.on('data', (chunk) => {
    let receipts = 0;
    remainder.keep(
      readFrames(remainder.join(chunk), (bytes, start, end) => {
        if (bytes[start] !== letterR) throw new Error(bytes.toString('latin1', start, end));
        receipts++;
      }),
    );
    sender.acknowledged(receipts);
  });
  return sender;
}

export async function stompReceiver({ port, connections, destinations }: LoadOptions): Promise<Receiver> {
  const receiver = new Receiver();
  for (let i = 0; i < connections; i++) {
    const socket = await connectStomp(port);
    const destination = destinations[i % destinations.length]!;
    // What follows the receipt are messages only: the subscription stands.
    socket.write(`SUBSCRIBE\nid:0\ndestination:${destination}\nack:client-individual\nreceipt:ready\n\n\0`);
    const subscribed = Promise.withResolvers<void>();
    const remainder = new Remainder();
    socket.on('data', (chunk) => {
      let acknowledgements = '';
      let count = 0;
      remainder.keep(
        readFrames(remainder.join(chunk), (bytes, start, end) => {
          if (bytes[start] === letterR) {
            subscribed.resolve();
            return;
          }
          if (bytes[start] !== letterM) throw new Error(bytes.toString('latin1', start, end));
          const id = bytes.indexOf('\nack:', start) + '\nack:'.length;
          acknowledgements += `ACK\nid:${bytes.toString('latin1', id, bytes.indexOf(lineEnd, id))}\n\n\0`;
          count++;
        }),
      );
      if (count > 0) socket.write(acknowledgements, 'latin1');
      receiver.received(count);
    });
    await subscribed.promise;
  }
  return receiver;
}

const letterM = 'M'.charCodeAt(0);
const letterR = 'R'.charCodeAt(0);

async function connectStomp(port: number): Promise<Socket> {
  const socket = await connected(port);
  socket.write('CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:guest\nheart-beat:0,0\n\n\0');
  const [connectedFrame] = (await once(socket, 'data')) as [Buffer];
  if (!connectedFrame.toString('latin1').startsWith('CONNECTED')) throw new Error(connectedFrame.toString('latin1'));
  return socket;
}

/** Hands on each whole frame, whose body must hold no NUL; returns what is left of the bytes. */
function readFrames(bytes: Buffer, onFrame: (bytes: Buffer, start: number, end: number) => void): Buffer {
  let start = 0;
  for (;;) {
    // End-of-line octets may stand between frames.
    while (bytes[start] === lineEnd || bytes[start] === carriageReturn) start++;
    const end = bytes.indexOf(0, start);
    if (end < 0) return bytes.subarray(start);
    onFrame(bytes, start, end);
    start = end + 1;
  }
}
