// What one writes instead of a route, in an afternoon: mqtt.js takes messages, the AWS SDK sends them, ten a request, some
// requests at once. mqtt.js acknowledges a message when its listener has returned, which is before SQS has it.

import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import mqtt from 'mqtt';

const [, , mqttPort, cloudPort, queueName, topic] = process.argv;
const perRequest = 10;
const requestsAtOnce = 16;

const endpoint = `http://127.0.0.1:${cloudPort}`;
const sqs = new SQSClient({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const QueueUrl = `${endpoint}/000000000000/${queueName}`;
const waiting: string[] = [];
let underWay = 0;

function send(): void {
  while (waiting.length > 0 && underWay < requestsAtOnce) {
    const Entries = waiting.splice(0, perRequest).map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    underWay++;
    void sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })).then(() => {
      underWay--;
      send();
    });
  }
}

// A session of its own, so that what comes while it is down is kept for it.
const client = mqtt.connect({ host: '127.0.0.1', port: Number(mqttPort), clientId: 'relay', clean: false });
client.on('message', (_topic, payload) => {
  waiting.push(payload.toString());
  send();
});
client.on('connect', () => {
  client.subscribe(topic!, { qos: 1 }, () => process.send?.('ready'));
});
process.on('disconnect', () => process.exit(0));
