// A load process: connects, says that it is ready, and does as it is told. Ends with its parent.

import { once } from 'node:events';
import { amqpReceiver, amqpSender, pacedAmqpSender } from './amqp.ts';
import { fanOutSubscriber, pacedPutter } from './fan-out.ts';
import { kinesisPutter, kinesisReader } from './kinesis.ts';
import { latencyWorker, pacedPublisher } from './latency.ts';
import { mqttRelay } from './mqtt-relay.ts';
import { mqttPublisher, mqttSubscriber } from './mqtt.ts';
import type { Answer, Load, LoadOptions, Order } from './orders.ts';
import { snsPublisher } from './sns.ts';
import { sqsBatchSender, sqsFifoSender, sqsSender, sqsWorker } from './sqs.ts';
import { pacedStompSender, stompReceiver, stompSender } from './stomp.ts';

const roles: Readonly<Record<LoadOptions['role'], (options: LoadOptions) => Promise<Load>>> = {
  'mqtt-publisher': mqttPublisher,
  'mqtt-subscriber': mqttSubscriber,
  'mqtt-relay': mqttRelay,
  'stomp-sender': stompSender,
  'stomp-receiver': stompReceiver,
  'amqp-sender': amqpSender,
  'amqp-receiver': amqpReceiver,
  'sqs-sender': sqsSender,
  'sqs-batch-sender': sqsBatchSender,
  'sqs-fifo-sender': sqsFifoSender,
  'sqs-worker': sqsWorker,
  'sns-publisher': snsPublisher,
  'kinesis-putter': kinesisPutter,
  'kinesis-reader': kinesisReader,
  'paced-putter': pacedPutter,
  'fan-out-subscriber': fanOutSubscriber,
  'paced-publisher': pacedPublisher,
  'paced-stomp-sender': pacedStompSender,
  'paced-amqp-sender': pacedAmqpSender,
  'latency-worker': latencyWorker,
};

function answer(message: Answer): void {
  process.send!(message);
}

process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', (error) => answer({ failed: String(error.stack) }));

const [options] = (await once(process, 'message')) as [LoadOptions];
const load = await roles[options.role](options);
process.on('message', (order: Order) => {
  load.obey(order).then(answer, (error: unknown) => answer({ failed: String(error) }));
});
answer({ ready: true });
