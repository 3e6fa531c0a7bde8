// `npm run demo`: a shop against a running engine with the sample configuration. Orders come over STOMP and sensor readings over MQTT;
// a monitor listens over AMQP; the engine's routes take both into SQS, where workers finish them. Ctrl-C ends it.

import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { startAlarms } from './alarms.ts';
import { startOrders } from './orders.ts';
import type { Addresses } from './orders.ts';
import { startSensors } from './sensors.ts';
import { startWorker } from './worker.ts';

const help = `Usage: npm run demo -- [--seconds N] [--host HOST] [--amqp PORT] [--mqtt PORT] [--stomp PORT] [--cloud PORT]\n`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    amqp: { type: 'string', default: '5672' },
    mqtt: { type: 'string', default: '1883' },
    stomp: { type: 'string', default: '61613' },
    cloud: { type: 'string', default: '4566' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else process.exitCode = await run();

async function run(): Promise<number> {
  const addresses: Addresses = {
    host: values.host,
    amqp: Number(values.amqp),
    mqtt: Number(values.mqtt),
    stomp: Number(values.stomp),
    cloud: Number(values.cloud),
  };
  if (!(await answers(addresses))) {
    console.error(
      `No engine answers at ${addresses.host}:${addresses.stomp}. Start one in another terminal: npm start`,
    );
    return 1;
  }
  const alarms = await startAlarms(addresses);
  const workers = [await startWorker(addresses, 'orders'), await startWorker(addresses, 'telemetry')] as const;
  const orders = await startOrders(addresses);
  const sensors = await startSensors(addresses);

  const show = (): void => {
    const line =
      `orders: ${orders.sent} sent over STOMP, ${workers[0].done} finished in SQS  |  ` +
      `readings: ${sensors.sent} sent over MQTT, ${alarms.heard} heard over AMQP, ${workers[1].done} finished in SQS`;
    process.stdout.write(process.stdout.isTTY ? `\r${line} ` : `${line}\n`);
  };
  const timer = setInterval(show, process.stdout.isTTY ? 200 : 1000);
  await end();

  await Promise.all([orders.stop(), sensors.stop()]);
  const complete = await until(() => workers[0].done >= orders.sent && workers[1].done >= sensors.sent);
  clearInterval(timer);
  show();
  await Promise.all([alarms.stop(), ...workers.map((worker) => worker.stop())]);
  console.log(
    complete ? '\nEverything that was sent was finished.' : '\nNot everything arrived: are the routes running?',
  );
  return complete ? 0 : 1;
}

/** Ctrl-C, or the time given. */
function end(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    if (values.seconds !== undefined) setTimeout(resolve, Number(values.seconds) * 1000);
  });
}

/** Whether it comes true within ten seconds. What earlier runs left in the queues only makes it come sooner. */
async function until(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 200 && !condition(); tries++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  return condition();
}

function answers({ host, stomp: port }: Addresses): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}
