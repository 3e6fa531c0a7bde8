// Translates between the names that a test knows and those that are there, for far-endpoint.ts: what it makes has a prefix
// there that nothing else has, and belongs to the account and region that are there.

import { hash } from 'node:crypto';
import { CborDecoder } from '../../broker/cloud/wire/cbor-decoder.ts';
import { CborEncoder } from '../../broker/cloud/wire/cbor-encoder.ts';

const localAccount = '000000000000';
const localRegion = 'us-east-1';
/** Members whose value is the name of what is made or asked for. */
const names: ReadonlyMap<string, FarService> = new Map([
  ['QueueName', 'sqs'],
  ['QueueNamePrefix', 'sqs'],
  ['StreamName', 'kinesis'],
  ['ExclusiveStartStreamName', 'kinesis'],
  ['Name', 'sns'],
]);
/** What stands in an ARN before a name. */
const kinds = 'stream/|channel/|app/\\w+/|endpoint/\\w+/';
/** Characters of a name; one that would have more with its prefix, is another there. */
const longest = { sqs: 80, sns: 256, kinesis: 128 } as const;
const shortened = new Map<string, string>();

export type FarService = 'sqs' | 'sns' | 'kinesis';

export interface Names {
  /** What is made there begins with this, and a hyphen. */
  readonly run: string;
  /** Where requests go. */
  readonly urls: Readonly<Record<FarService, string>>;
  readonly account: string;
  readonly region: string;
  /** The URL that the test knows. */
  readonly local: string;
}

/** Text of a test: URLs of queues, links, and names of resources. */
export function outwards(text: string, { run, urls, account, region, local }: Names): string {
  return text
    .replace(
      new RegExp(`https?://[\\w.:-]+/${localAccount}/([\\w.-]+)`, 'g'),
      (_, name: string) => `${urls.sqs}/${account}/${nameThere(name, 'sqs', run)}`,
    )
    .replaceAll(local, urls.sns)
    .replace(
      new RegExp(`arn:aws:(sqs|sns|kinesis):${localRegion}:${localAccount}:(${kinds})?([\\w.-]+)`, 'g'),
      (_, service: FarService, kind: string | undefined, name: string) =>
        `arn:aws:${service}:${region}:${account}:${kind ?? ''}${nameThere(name, service, run)}`,
    )
    .replaceAll(`arn:aws:iam::${localAccount}:`, `arn:aws:iam::${account}:`);
}

/** Text of an answer. */
export function inwards(text: string, { run, urls, account, region, local }: Names): string {
  const whole = Array.from(shortened).filter(([name]) => name.startsWith(`${run}-`));
  return whole
    .concat(Object.values(urls).map((url) => [url, local]))
    .reduce((rest, [there, here]) => rest.replaceAll(there, here), text)
    .replaceAll(`${run}-`, '')
    .replaceAll(`:${region}:${account}:`, `:${localRegion}:${localAccount}:`)
    .replaceAll(account, localAccount);
}

/** What is no name, stays none. */
function nameThere(name: string, service: FarService, run: string): string {
  if (name === '' || name === '.fifo') return name;
  const there = `${run}-${name}`;
  const most = longest[service];
  if (name.length > most || there.length <= most) return there;
  const short = `${run}-${hash('sha1', name)}`;
  shortened.set(short, name);
  return short;
}

export function formOutwards(given: string, way: Names): string {
  const form = new URLSearchParams(given);
  // Only what the test itself has made is there for it.
  if (form.get('Action') === 'ListQueues' && !form.has('QueueNamePrefix')) form.set('QueueNamePrefix', '');
  const pairs = Array.from(form, ([name, value]): [string, string] => [name, String(valueOutwards(value, name, way))]);
  return new URLSearchParams(pairs).toString();
}

export function jsonOutwards(given: string, operation: string, way: Names): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(given);
  } catch {
    return given;
  }
  const whole = operation === 'ListQueues' ? { QueueNamePrefix: '', ...(parsed as object) } : parsed;
  return JSON.stringify(valueOutwards(whole, undefined, way));
}

/** What cannot be read is to be refused there. */
export function cborOutwards(given: Buffer, way: Names): Buffer {
  try {
    return recoded(given, (value, name) => valueOutwards(value, name, way));
  } catch {
    return given;
  }
}

export function cborInwards(given: Buffer, way: Names): Buffer {
  return given.length === 0 ? given : recoded(given, (value) => inwards(value, way));
}

function valueOutwards(value: unknown, name: string | undefined, way: Names): unknown {
  if (typeof value === 'string') {
    const service = name === undefined ? undefined : names.get(name);
    if (service === undefined) return outwards(value, way);
    return name?.endsWith('Prefix') === true ? `${way.run}-${value}` : nameThere(value, service, way.run);
  }
  if (Array.isArray(value)) return value.map((item) => valueOutwards(item, undefined, way));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, item]) => [member, valueOutwards(item, member, way)]));
}

/** Lists of everything in an account show what the test has made. */
export function onlyOwn(text: string, operation: string, { run }: Names): string {
  if (operation === 'ListTopics' || operation === 'ListSubscriptions' || operation === 'ListPlatformApplications') {
    return text.replaceAll(/<member>.*?<\/member>/gs, (member) => (member.includes(`${run}-`) ? member : ''));
  }
  if (operation !== 'ListStreams') return text;
  const { StreamNames = [], StreamSummaries = [], ...others } = JSON.parse(text);
  const isOwn = (name: string): boolean => name.startsWith(`${run}-`);
  return JSON.stringify({
    StreamNames: StreamNames.filter(isOwn),
    StreamSummaries: StreamSummaries.filter(({ StreamName = '' }) => isOwn(StreamName)),
    ...others,
  });
}

function recoded(bytes: Buffer, text: (value: string, name: string | undefined) => unknown): Buffer {
  const encoder = new CborEncoder();
  const write = (value: unknown, name?: string): void => {
    if (typeof value === 'string') encoder.text(String(text(value, name)));
    else if (typeof value === 'number') encoder.integer(value);
    else if (typeof value === 'boolean') encoder.boolean(value);
    else if (value instanceof Uint8Array) encoder.bytes(value);
    else if (Array.isArray(value)) {
      encoder.array(value.length);
      for (const item of value) write(item);
    } else if (value instanceof Map) {
      encoder.map(value.size);
      for (const [member, item] of value) {
        encoder.text(member);
        write(item, member);
      }
    } else throw new TypeError('no value to be written again');
  };
  write(new CborDecoder(bytes).whole());
  return encoder.take();
}
