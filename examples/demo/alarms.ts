// A monitor that knows AMQP 1.0: subscribes to the topics of all machines, and counts what it hears.

import rhea from 'rhea';
import type { Addresses } from './orders.ts';

export interface Monitor {
  readonly heard: number;
  stop(): Promise<void>;
}

export async function startAlarms({ host, amqp: port }: Addresses): Promise<Monitor> {
  const container = rhea.create_container();
  const connection = container.connect({ host, port, container_id: 'demo-alarms', reconnect: false });
  let heard = 0;
  // A broker that goes away is told by the demo's other clients.
  connection.on('connection_error', () => {});
  connection.on('disconnected', () => {});
  await new Promise<void>((resolve, reject) => {
    connection.once('disconnected', () => reject(new Error(`AMQP: no connection to ${host}:${port}`)));
    connection.once('receiver_open', () => resolve());
    const receiver = connection.open_receiver('topic://telemetry.>');
    receiver.on('message', () => heard++);
  });
  return {
    get heard() {
      return heard;
    },
    stop: () =>
      new Promise((resolve) => {
        connection.once('connection_close', () => resolve());
        connection.close();
      }),
  };
}
