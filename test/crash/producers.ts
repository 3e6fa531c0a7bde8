// Producers that keep a window of messages under way, wait for the acknowledgement of each, and never send one again:
// STOMP with receipts, in transactions, and delayed (stompit), MQTT with QoS 1 and 2 (mqtt.js), AMQP unsettled and durable
// (rhea).

import { once } from 'node:events';
import rhea from 'rhea';
import type { Delivery, EventContext } from 'rhea';
import { connectMqttOnce } from '../support/mqtt-connect.ts';
import { connectStomp } from '../support/stomp-load.ts';
import type { Ledger } from './ledger.ts';

export interface Producer {
  /** The connection is gone, and every acknowledgement that came over it is in the ledger. */
  readonly ended: Promise<void>;
}

export interface ProducerOptions {
  readonly port: number;
  readonly ledger: Ledger;
  /** Begins the names of its messages: no two producers of a run have the same. */
  readonly prefix: string;
}

export type Produce = (options: ProducerOptions) => Promise<Producer>;

const window = 20;
const sensors = 5;
const perTransaction = 4;

/** To the queue that the sample configuration's route `orders` takes from. */
export const produceStomp: Produce = async ({ port, ledger, prefix }) => {
  const client = await connectStomp(port);
  const ended = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
  });
  const { next } = names(prefix);
  const send = (): void => {
    const id = next();
    const onReceipt = (): void => {
      ledger.acknowledge(id);
      send();
    };
    client.send({ destination: '/queue/orders', persistent: 'true' }, { onReceipt }).end(ledger.write(id));
  };
  for (let i = 0; i < window; i++) send();
  return { ended };
};

/** The longest that a message of `produceDelayed` waits. */
export const longestDelayMs = 800;

/** To the same queue, when some time has passed; in groups. */
export const produceDelayed: Produce = async ({ port, ledger, prefix }) => {
  const client = await connectStomp(port);
  const ended = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
  });
  const { next } = names(prefix);
  let sent = 0;
  const send = (): void => {
    const id = next();
    const onReceipt = (): void => {
      ledger.acknowledge(id);
      send();
    };
    sent++;
    const headers = {
      destination: '/queue/orders',
      persistent: 'true',
      AMQ_SCHEDULED_DELAY: String(1 + ((sent * 97) % longestDelayMs)),
      JMSXGroupID: `group-${sent % 3}`,
    };
    client.send(headers, { onReceipt }).end(ledger.write(id));
  };
  for (let i = 0; i < window; i++) send();
  return { ended };
};

/** To the same queue, a few in a transaction; one after the other. */
export const produceTransactions: Produce = async ({ port, ledger, prefix }) => {
  const client = await connectStomp(port);
  const ended = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
  });
  const { next } = names(prefix);
  const run = (): void => {
    const transaction = client.begin();
    const ids = Array.from({ length: perTransaction }, next);
    for (const id of ids) {
      transaction.send({ destination: '/queue/orders', persistent: 'true' }).end(ledger.write(id));
    }
    ledger.together(ids);
    const onReceipt = (): void => {
      for (const id of ids) ledger.acknowledge(id);
      run();
    };
    transaction.commit({ onReceipt });
  };
  run();
  return { ended };
};

/** To topics that the route `telemetry` takes from. */
export const produceMqtt: Produce = (options) => publish(1, options);

export const produceExactlyOnce: Produce = (options) => publish(2, options);

async function publish(qos: 1 | 2, { port, ledger, prefix }: ProducerOptions): Promise<Producer> {
  const client = await connectMqttOnce(port, { protocolVersion: 4, clientId: prefix, clean: true });
  client.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    client.on('close', () => resolve());
  });
  const { next } = names(prefix);
  let sensor = 0;
  const send = (): void => {
    const id = next();
    sensor = (sensor + 1) % sensors;
    client.publish(`telemetry/site-1/sensor-${sensor}`, ledger.write(id), { qos }, (error) => {
      if (error) return;
      ledger.acknowledge(id);
      send();
    });
  };
  for (let i = 0; i < window; i++) send();
  return { ended };
}

/** To the same queue as over STOMP. */
export const produceAmqp: Produce = async ({ port, ledger, prefix }) => {
  const container = rhea.create_container({ id: prefix });
  const connection = container.connect({ host: '127.0.0.1', port, reconnect: false });
  const ended = new Promise<void>((resolve) => {
    connection.on('disconnected', () => resolve());
  });
  connection.on('connection_error', () => undefined);
  const sender = connection.open_sender({ target: 'orders', autosettle: true });
  const opened = once(sender, 'sendable');
  // Whichever comes first: a connection that ends before it can send is a producer that has ended.
  await Promise.race([opened, ended]);
  const { next } = names(prefix);
  const underWay = new Map<Delivery, string>();
  const send = (): void => {
    while (underWay.size < window && sender.sendable()) {
      const id = next();
      underWay.set(sender.send({ durable: true, body: ledger.write(id) }), id);
    }
  };
  sender.on('accepted', ({ delivery }: EventContext) => {
    const id = underWay.get(delivery!);
    if (id !== undefined) ledger.acknowledge(id);
    underWay.delete(delivery!);
    send();
  });
  sender.on('sendable', send);
  send();
  return { ended };
};

function names(prefix: string): { next(): string } {
  let count = 0;
  return { next: () => `${prefix}-${++count}` };
}
