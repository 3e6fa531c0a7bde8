// Sends messages over STOMP, one after the other, each when the broker has the one before: its receipt says that the message
// is stored. When the connection breaks, it is opened again, and the message sent again.

import { setTimeout as pause } from 'node:timers/promises';
import stompit from 'stompit';
import type { Client } from 'stompit';
import { broker } from './broker.ts';

const retryMs = 250;

export interface StompMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export async function sendAll(messages: Iterable<StompMessage>): Promise<void> {
  let client: Client | undefined;
  let isAway = false;
  const lost = (): void => void (client = undefined);
  for (const message of messages) {
    for (let isSent = false; !isSent;) {
      try {
        client ??= await connect(lost);
        await send(client, message);
        isSent = true;
        isAway = false;
      } catch {
        if (!isAway) console.error('no broker answers: is the engine running? Trying again.');
        isAway = true;
        await pause(retryMs);
      }
    }
  }
  client?.disconnect();
}

function send(client: Client, { headers, body }: StompMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('error', reject);
    const onReceipt = (): void => {
      client.off('error', reject);
      resolve();
    };
    client.send({ persistent: 'true', ...headers }, { onReceipt }).end(body);
  });
}

function connect(onLost: () => void): Promise<Client> {
  const { host, ports } = broker;
  const connectHeaders = { host: '/', 'heart-beat': '0,0' };
  return new Promise((resolve, reject) => {
    // stompit writes a frame in parts: without noDelay, the last would wait for 40 ms each time.
    stompit.connect({ host, port: ports.stomp, noDelay: true, connectHeaders }, (error, client) => {
      if (error !== null) {
        reject(error);
        return;
      }
      client.on('error', onLost);
      resolve(client);
    });
  });
}
