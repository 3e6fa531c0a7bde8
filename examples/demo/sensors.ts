// Machines that know MQTT: publish temperatures at QoS 1. The client opens its connection again by itself when it breaks,
// and sends again what the broker has not confirmed.

import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { Broker } from './orders.ts';
import type { Tally } from './tally.ts';

const pauseMs = 20;
const reconnectPeriod = 250;

export async function publishReadings({ host, port }: Broker, readings: Tally, stopping: AbortSignal): Promise<void> {
  const client = mqtt.connect({ host, port, clientId: `demo-sensors-${readings.run}`, reconnectPeriod });
  // Without a listener, a broker that is away for a while would end the program.
  client.on('error', () => {});
  for (let number = 1; !stopping.aborted; number++) {
    const celsius = 20 + Math.round(100 * Math.sin(number / 50)) / 10;
    const reading = JSON.stringify({ run: readings.run, number, celsius });
    await client.publishAsync(`telemetry/press-${number % 4}/temperature`, reading, { qos: 1 });
    readings.sent++;
    await pause(pauseMs);
  }
  await client.endAsync();
}
