// `npm run demo`: a shop against a running engine with the sample configuration. Orders and invoices are sent over STOMP
// and sensor readings over MQTT; bookkeeping takes the invoices over AMQP, and workers take orders and readings from
// SQS, where the engine's routes bring them. Ctrl-C ends it, with a summary.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { bookInvoices } from './invoices.ts';
import { sendOrders } from './orders.ts';
import type { Broker } from './orders.ts';
import { publishReadings } from './sensors.ts';
import { Tally } from './tally.ts';
import { work } from './worker.ts';

const help = `Usage: npm run demo -- [options]

  --seconds N    stop after so long; default: at Ctrl-C
  --host HOST    where the engine is (127.0.0.1)
  --stomp PORT   --mqtt PORT   --amqp PORT   --cloud PORT
                 where it listens (61613, 1883, 5672, 4566)
`;

/** For what is on its way when it is time to stop: the engine may have to be started again, and leases to end. */
const patienceMs = 15_000;
/** A second Ctrl-C means: at once. npm passes the first one on once more. */
const sameSignalMs = 500;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    stomp: { type: 'string', default: '61613' },
    mqtt: { type: 'string', default: '1883' },
    amqp: { type: 'string', default: '5672' },
    cloud: { type: 'string', default: '4566' },
    help: { type: 'boolean', default: false },
  },
});

const run = randomUUID();
const orders = new Tally(run);
const invoices = new Tally(run);
const readings = new Tally(run);
const tallies = [orders, invoices, readings];

if (values.help) process.stdout.write(help);
// Connections that are still being tried end here.
else process.exit(await demo());

async function demo(): Promise<number> {
  for (const listener of ['stomp', 'mqtt', 'amqp', 'cloud'] as const) {
    const { host, port } = at(listener);
    if (await answers({ host, port })) continue;
    console.error(
      `No engine answers at ${host}:${port} (${listener}): start one in another terminal with "npm start".`,
    );
    return 1;
  }
  const stopSending = new AbortController();
  const stopReceiving = new AbortController();
  const senders = Promise.all([
    sendOrders(at('stomp'), orders, invoices, stopSending.signal),
    publishReadings(at('mqtt'), readings, stopSending.signal),
  ]);
  const receivers = Promise.all([
    bookInvoices(at('amqp'), invoices, stopReceiving.signal),
    work(at('cloud'), 'orders', orders, stopReceiving.signal),
    work(at('cloud'), 'telemetry', readings, stopReceiving.signal),
  ]);
  const ticker = setInterval(show, process.stdout.isTTY ? 200 : 1000);
  await timeToStop();
  const deadline = AbortSignal.timeout(patienceMs);
  stopSending.abort();
  await Promise.race([senders, once(deadline, 'abort')]);
  while (!isComplete() && !deadline.aborted) await pause(50);
  stopReceiving.abort();
  await Promise.race([receivers, once(deadline, 'abort')]);
  clearInterval(ticker);
  return summarise();
}

function at(listener: 'stomp' | 'mqtt' | 'amqp' | 'cloud'): Broker {
  return { host: values.host, port: Number(values[listener]) };
}

function show(): void {
  const counts = (what: string, { sent, received }: Tally): string => `${what} ${sent}/${received}`;
  const line = `sent/received: ${counts('orders', orders)}, ${counts('invoices', invoices)}, ${counts('readings', readings)}`;
  // Carriage return and "erase to the end of the line" keep it one line.
  process.stdout.write(process.stdout.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
}

function isComplete(): boolean {
  return tallies.every(({ sent, received }) => received === sent);
}

/** @returns the exit status: 0 if it adds up. */
function summarise(): number {
  const row = (what: string, { sent, received }: Tally, way: string): string =>
    `${what.padEnd(8)} ${String(sent).padStart(8)} sent ${String(received).padStart(8)} received   ${way}`;
  const again = tallies.reduce((sum, tally) => sum + tally.again, 0);
  const foreign = tallies.reduce((sum, tally) => sum + tally.foreign, 0);
  const lines = [
    row('orders', orders, 'STOMP /queue/orders -> route -> SQS orders'),
    row('invoices', invoices, 'STOMP /queue/invoices -> AMQP queue://invoices'),
    row('readings', readings, 'MQTT telemetry/# -> route -> SQS telemetry'),
  ];
  if (again > 0) lines.push(`${again} came more than once: a connection broke before they were confirmed.`);
  if (foreign > 0) lines.push(`${foreign} that others had left in the queues were taken too.`);
  lines.push(
    isComplete()
      ? 'Everything that was sent was received.'
      : 'This does not add up: is the engine still there, and does it run with examples/causeway.yml?',
  );
  console.log(`${process.stdout.isTTY ? '\n' : ''}${lines.join('\n')}`);
  return isComplete() ? 0 : 1;
}

/** Ctrl-C, or the time given. */
async function timeToStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let stoppingSince: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stoppingSince !== undefined && performance.now() - stoppingSince > sameSignalMs) process.exit(130);
      stoppingSince ??= performance.now();
      resolve();
    });
  }
  if (values.seconds !== undefined) setTimeout(resolve, Number(values.seconds) * 1000);
  await promise;
}

async function answers({ host, port }: Broker): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(2000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
