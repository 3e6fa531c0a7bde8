// Machines that know MQTT: publish temperatures at QoS 1, and count one when the broker says that it is stored.

import mqtt from 'mqtt';
import type { Addresses, Producer } from './orders.ts';

export async function startSensors({ host, mqtt: port }: Addresses): Promise<Producer> {
  const client = await mqtt.connectAsync(`mqtt://${host}:${port}`, { clientId: 'demo-sensors' });
  let number = 0;
  let sent = 0;
  const timer = setInterval(() => {
    number++;
    const reading = { celsius: 20 + Math.round(100 * Math.sin(number / 50)) / 10 };
    client.publish(`telemetry/press-${number % 4}/temperature`, JSON.stringify(reading), { qos: 1 }, (error) => {
      if (!error) sent++;
    });
  }, 20);
  return {
    get sent() {
      return sent;
    },
    stop: async () => {
      clearInterval(timer);
      await client.endAsync();
    },
  };
}
