// MQTT 3.1.1 with mqtt.js: through a topic of its own and back, at QoS 1.

import { MqttClient } from 'mqtt';
import type { Probe } from './probe.ts';

export const probeMqtt: Probe = async (stream, login) => {
  const id = `causeway-doctor-${Math.random().toString(36).slice(2, 10)}`;
  const client = new MqttClient(() => stream, {
    clientId: id,
    clean: true,
    reconnectPeriod: 0,
    keepalive: 30,
    ...(login === undefined ? {} : { username: login.user, password: login.password }),
  });
  const connected = new Promise<void>((resolve) => {
    client.once('connect', () => resolve());
  });
  const failed = new Promise<never>((_, reject) => {
    client.on('error', reject);
    client.once('close', () => reject(new Error('the connection was closed')));
  });
  // Its timers end with it, also where nobody waits for it any more.
  failed.catch(() => client.end(true));
  await Promise.race([connected, failed]);
  return {
    roundTrip: async (body) => {
      const topic = `causeway/doctor/${id}`;
      const received = new Promise<string>((resolve) => {
        client.once('message', (_, payload) => resolve(payload.toString()));
      });
      await Promise.race([client.subscribeAsync(topic, { qos: 1 }), failed]);
      await Promise.race([client.publishAsync(topic, body, { qos: 1 }), failed]);
      return Promise.race([received, failed]);
    },
    close: async () => client.endAsync(),
  };
};
