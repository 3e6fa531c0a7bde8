// Producers into routes: each message of a group after the one before it, none of them sent again. STOMP with receipts
// (stompit) and MQTT QoS 1 (mqtt.js) have a window under way; SQS and Kinesis (AWS SDK) one message of each group.

import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { connectMqttOnce } from '../support/mqtt-connect.ts';
import { connectStomp } from '../support/stomp-load.ts';
import { groups } from './routes-ledger.ts';
import type { ProducerName, RoutesLedger } from './routes-ledger.ts';

const window = 20;

/** Resolves once the engine is gone, and every acknowledgement that came is in the ledger. */
type Produce = (port: number, ledger: RoutesLedger) => Promise<void>;

export interface Way {
  readonly protocol: 'stomp' | 'mqtt' | 'cloud';
  readonly produce: Produce;
}

export const ways: Readonly<Record<ProducerName, Way>> = {
  stomp: { protocol: 'stomp', produce: overStomp },
  mqtt: { protocol: 'mqtt', produce: overMqtt },
  sqs: { protocol: 'cloud', produce: intoSqs },
  kinesis: { protocol: 'cloud', produce: intoKinesis },
};

export function awsSettings(port: number) {
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
}

async function overStomp(port: number, ledger: RoutesLedger): Promise<void> {
  const client = await connectStomp(port);
  const ended = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
  });
  const next = turns();
  const send = (): void => {
    const body = ledger.write('stomp', next());
    const onReceipt = (): void => {
      ledger.acknowledge(body);
      send();
    };
    client.send({ destination: '/queue/in', persistent: 'true' }, { onReceipt }).end(body);
  };
  for (let i = 0; i < window; i++) send();
  await ended;
}

async function overMqtt(port: number, ledger: RoutesLedger): Promise<void> {
  const client = await connectMqttOnce(port, { protocolVersion: 4 });
  client.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    client.on('close', () => resolve());
  });
  const next = turns();
  const send = (): void => {
    const group = next();
    const body = ledger.write('mqtt', group);
    client.publish(`m/${group}`, body, { qos: 1 }, (error) => {
      if (error) return;
      ledger.acknowledge(body);
      send();
    });
  };
  for (let i = 0; i < window; i++) send();
  await ended;
}

async function intoSqs(port: number, ledger: RoutesLedger): Promise<void> {
  const client = new SQSClient(awsSettings(port));
  const QueueUrl = `http://127.0.0.1:${port}/000000000000/direct`;
  await eachGroup(async (group) => {
    const MessageBody = ledger.write('sqs', group);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    ledger.acknowledge(MessageBody);
  });
  client.destroy();
}

async function intoKinesis(port: number, ledger: RoutesLedger): Promise<void> {
  const client = new KinesisClient(awsSettings(port));
  await eachGroup(async (group) => {
    const body = ledger.write('kinesis', group);
    await client.send(
      new PutRecordCommand({ StreamName: 'records', PartitionKey: group, Data: new TextEncoder().encode(body) }),
    );
    ledger.acknowledge(body);
  });
  client.destroy();
}

/** Sends of each group one after the other, until one fails as it does when the engine is gone. */
async function eachGroup(send: (group: string) => Promise<void>): Promise<void> {
  const run = async (group: string): Promise<void> => {
    try {
      for (;;) await send(group);
    } catch (error) {
      if (!isDisconnected(error)) throw error;
    }
  };
  await Promise.all(groups.map(run));
}

/** Whether the engine went away, and nothing else was wrong. */
function isDisconnected(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(code);
}

/** Groups by turns. */
function turns(): () => string {
  let count = 0;
  return () => groups[count++ % groups.length]!;
}
