// From PutRecord to the event of SubscribeToShard that holds the record, at a fixed rate.

import { ask } from '../loads/http.ts';
import { LoadProcess } from '../loads/load-process.ts';
import { UsageMeter } from '../measure/usage.ts';
import { causeway } from '../systems/causeway.ts';
import { createStream, describe } from './kinesis.ts';
import { latencyOf } from './latency.ts';
import type { Latency } from './latency.ts';
import { bodyBytes } from './pairs.ts';
import type { Timing } from './sample.ts';

const perSecond = 1000;
const putters = 32;
const stream = 'bench';

export async function measureEnhancedFanOut({ warmUpMs, measureMs }: Timing): Promise<Latency> {
  await using system = await causeway().start();
  const port = system.ports.cloud!;
  await createStream(port, stream, 1);
  const { StreamARN } = await describe(port, stream);
  const registered = await ask(port, 'kinesis', 'RegisterStreamConsumer', { StreamARN, ConsumerName: 'bench' });
  const { Consumer } = registered as { readonly Consumer: { readonly ConsumerARN: string } };
  const common = { port, window: 1, bodyBytes };
  await using putter = await LoadProcess.start({
    ...common,
    role: 'paced-putter',
    connections: putters,
    destinations: [stream],
  });
  await using subscriber = await LoadProcess.start({
    ...common,
    role: 'fan-out-subscriber',
    connections: 1,
    destinations: [Consumer.ConsumerARN],
  });
  const warmedUp = await putter.order({ do: 'send', ms: warmUpMs, perSecond });
  await subscriber.order({ do: 'reach', count: warmedUp.count });
  const meter = new UsageMeter(system.pid, [putter.pid, subscriber.pid]);
  const put = await putter.order({ do: 'send', ms: measureMs, perSecond });
  const { latencies = [] } = await subscriber.order({ do: 'reach', count: put.count });
  return latencyOf(latencies, meter.read());
}
