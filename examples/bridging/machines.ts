// Machines that know MQTT: each publishes its readings in turn, one of which is an alarm, at QoS 1.
//   node examples/bridging/machines.ts [ROUNDS]

import mqtt from 'mqtt';
import { broker } from './broker.ts';

const rounds = Number(process.argv[2] ?? 3);
const machines = ['press-1', 'press-2', 'oven-1'];

const { host, ports } = broker;
const client = mqtt.connect({ host, port: ports.mqtt });
client.on('error', () => console.error('no broker answers: is the engine running? Trying again.'));
for (let round = 1; round <= rounds; round++) {
  for (const machine of machines) {
    const alarm = machine === 'oven-1' && round === rounds;
    const reading = { machine, round, celsius: alarm ? 999 : 20 + round, alarm };
    // Resolves when the broker has stored it.
    await client.publishAsync(`telemetry/${machine}/heat`, JSON.stringify(reading), { qos: 1 });
  }
}
await client.endAsync();
console.log(`${rounds * machines.length} readings are with the broker`);
