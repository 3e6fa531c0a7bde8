// A worker with lifion-kinesis, as a process of its own: it has no end that it comes to by itself. Its options are the first
// argument; each record that it gets is a line of standard output.

import dns from 'node:dns';
import { createRequire } from 'node:module';
import type { PassThrough } from 'node:stream';

interface Chunk {
  readonly records: readonly { readonly data: { readonly n: number }; readonly partitionKey: string }[];
}

const require = createRequire(import.meta.url);
const Kinesis = require('lifion-kinesis') as new (options: object) => PassThrough & { startConsumer(): Promise<void> };
const { local, ...options } = JSON.parse(process.argv[2] ?? '{}') as { readonly local: boolean };

// Its subscriptions keep the port of the endpoint, but go to the name of AWS's host, which is therefore another here.
if (local) {
  const lookUp = dns.lookup as (...given: unknown[]) => void;
  const here = (name: string, ...others: unknown[]): void =>
    lookUp(name.endsWith('.amazonaws.com') ? '127.0.0.1' : name, ...others);
  Object.assign(dns, { lookup: here });
}

const kinesis = new Kinesis(options);
const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
kinesis.on('data', ({ records }: Chunk) => {
  for (const { data, partitionKey } of records) print({ partitionKey, n: data.n });
});
await kinesis.startConsumer();
