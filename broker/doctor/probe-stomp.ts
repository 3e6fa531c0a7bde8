// STOMP 1.2 with stompit: to a temporary queue and back.

import stompit from 'stompit';
import type { Client } from 'stompit';
import type { Probe } from './probe.ts';

const destination = '/temp-queue/causeway.doctor';

export const probeStomp: Probe = async (stream, login) => {
  const client = new stompit.Client(stream);
  const failed = new Promise<never>((_, reject) => {
    client.on('error', reject);
  });
  failed.catch(() => undefined);
  const headers = {
    host: '/',
    'accept-version': '1.1,1.2',
    ...(login === undefined ? {} : { login: login.user, passcode: login.password }),
  };
  const connected = new Promise<void>((resolve, reject) => {
    client.connect(headers, (error) => (error === null ? resolve() : reject(error)));
  });
  await Promise.race([connected, failed]);
  return {
    roundTrip: (body) => Promise.race([roundTrip(client, body), failed]),
    close: () =>
      new Promise((resolve) => {
        client.disconnect(() => resolve());
      }),
  };
};

function roundTrip(client: Client, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    client.subscribe({ destination, ack: 'auto' }, (failed, message) => {
      if (failed !== null) return reject(failed);
      message.readString('utf8', (error, text) => (error === null ? resolve(text ?? '') : reject(error)));
    });
    client.send({ destination, persistent: 'true' }).end(body);
  });
}
