// mqtt.js's `connectAsync` for one attempt: it waits for ever when the connection ends without an error before CONNACK, as it
// does when the broker is killed at that moment, unless it is told not to retry.

import mqtt from 'mqtt';
import type { IClientOptions, MqttClient } from 'mqtt';

export function connectMqttOnce(port: number, options: IClientOptions = {}): Promise<MqttClient> {
  const once = { connectTimeout: 5000, ...options, reconnectPeriod: 0 };
  return mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, once, false);
}
