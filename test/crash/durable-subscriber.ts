// A durable subscription over STOMP (stompit) to what the sensors publish: made before the load, left alone while the engine
// is killed, and emptied at the end.

import { connectStomp } from '../support/stomp-load.ts';
import type { Ledger } from './ledger.ts';

const client = { 'client-id': 'watcher' };
const subscription = { destination: '/topic/telemetry.>', 'activemq.subscriptionName': 'all' };

/** Resolves once the engine keeps messages for it. */
export async function makeSubscription(port: number): Promise<void> {
  const stomp = await connectStomp(port, client);
  stomp.subscribe({ ...subscription, ack: 'auto' }, () => undefined);
  // Answered after what came before it.
  await new Promise<void>((resolve, reject) => {
    stomp.disconnect((error) => (error ? reject(error) : resolve()));
  });
}

/** Nothing for this long: an engine that lost the subscription will give no last message. */
const patienceMs = 5000;

/** Takes all that waits, up to the message of the id that was sent last. */
export async function emptySubscription(port: number, ledger: Ledger, last: string): Promise<void> {
  const stomp = await connectStomp(port, client);
  await new Promise<void>((resolve, reject) => {
    stomp.on('error', reject);
    let silence = setTimeout(resolve, patienceMs);
    stomp.subscribe({ ...subscription, ack: 'client-individual' }, (error, message) => {
      if (error) {
        reject(error);
        return;
      }
      message.readString('utf8', (failure, body) => {
        if (failure || body === undefined) {
          reject(failure ?? new Error('no body'));
          return;
        }
        ledger.receiveCopy(body);
        clearTimeout(silence);
        silence = setTimeout(resolve, patienceMs);
        stomp.ack(message);
        if (!body.startsWith(`${last} `)) return;
        clearTimeout(silence);
        resolve();
      });
    });
  });
  stomp.destroy();
}
