// What actions of Kinesis are tried with, and what they refuse as AWS words it.

import type { KinesisEndpoint } from './endpoint.ts';

/** The name of the exception and its message. */
export type Refusal = readonly [type: string, message: string];

export async function refusalOf(endpoint: KinesisEndpoint, action: string, input: object): Promise<Refusal> {
  const { status, body, text } = await endpoint.json(action, input);
  if (status !== 400 && status !== 500) throw new Error(`${action} was not refused: ${text}`);
  return [body.__type, body.message ?? body.Message];
}

/** What the first shard of the stream `s` has. */
export async function recordsOf(endpoint: KinesisEndpoint): Promise<unknown> {
  const place = { StreamName: 's', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
  const { ShardIterator } = await endpoint.ok('GetShardIterator', place);
  return (await endpoint.ok('GetRecords', { ShardIterator })).Records;
}

/** A `ValidationException` that names each of these. */
export function breaches(...found: readonly (readonly [path: string, value: string, rule: string])[]): Refusal {
  const listed = found.map(
    ([path, value, rule]) =>
      `Value ${value === '' ? '' : `${value} `}at '${path}' failed to satisfy constraint: ${rule}`,
  );
  return [
    'ValidationException',
    `${found.length} validation error${found.length === 1 ? '' : 's'} detected: ${listed.join('; ')}`,
  ];
}

export const notNull = 'Member must not be null';
export const atLeastOne = 'Member must have length greater than or equal to 1';

export function matches(pattern: string): string {
  return `Member must satisfy regular expression pattern: ${pattern}`;
}

export const namePattern = matches('[a-zA-Z0-9_.-]+');

export function streamNotFound(name: string): Refusal {
  return ['ResourceNotFoundException', `Stream ${name} under account 000000000000 not found.`];
}

export type Kind = 'String' | 'Integer' | 'Boolean' | 'Blob' | 'Timestamp' | 'List' | 'Map' | 'Structure';

const list = 'Start of list found where not expected';
const object = 'Start of structure or map found where not expected.';
const number = 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber';
const truth = 'class java.lang.Boolean';
const text = 'class java.lang.String';

/** What is sent for a member of each kind, and what AWS says of it. */
const mistakes: Readonly<Record<Kind, readonly (readonly [unknown, string])[]>> = {
  String: [
    [true, `${truth} can not be converted to an String`],
    [23, `${number} can not be converted to an String`],
    [[], list],
    [{}, object],
  ],
  Integer: [
    ['23', `${text} can not be converted to an Integer`],
    [true, `${truth} can not be converted to an Integer`],
    [[], list],
    [{}, object],
  ],
  Boolean: [
    ['yes', "'YES' can not be converted to an Boolean"],
    [23, `${number} can not be converted to an Boolean`],
    [[], list],
    [{}, object],
  ],
  Blob: [
    [true, `${truth} can not be converted to a Blob`],
    [23, `${number} can not be converted to a Blob`],
    [
      '23456',
      "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5",
    ],
    ['=+/=', "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='"],
    ['+/-=', "'+/-=' can not be converted to a Blob: Invalid Base64 character: '-'"],
    ['+/+=', "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"],
    [[], list],
    [{}, object],
  ],
  Timestamp: [
    ['23', `${text} can not be converted to milliseconds since epoch`],
    [true, `${truth} can not be converted to milliseconds since epoch`],
    [[], list],
    [{}, object],
  ],
  List: [
    ['a', 'Expected list or null'],
    [5, 'Expected list or null'],
    [{}, object],
  ],
  Map: [
    ['a', 'Expected map or null'],
    [5, 'Expected map or null'],
    [[], list],
  ],
  Structure: [
    ['a', 'Expected null'],
    [5, 'Expected null'],
    [[], list],
  ],
};

/** Members, by path (`Records.0.Data`), that are not refused as they should be with a value of another kind. */
export async function takesWrongKinds(
  endpoint: KinesisEndpoint,
  action: string,
  members: Readonly<Record<string, Kind>>,
): Promise<readonly unknown[]> {
  const taken: unknown[] = [];
  for (const [path, kind] of Object.entries(members)) {
    for (const [value, message] of mistakes[kind]) {
      const { status, body, text: answer } = await endpoint.json(action, nested(path.split('.'), value));
      const isRight = status === 400 && body.__type === 'SerializationException' && body.Message === message;
      if (!isRight) taken.push({ path, value, answer });
    }
  }
  return taken;
}

function nested([name = '', ...rest]: readonly string[], value: unknown): object {
  const inner = rest.length === 0 ? value : nested(rest, value);
  return name === '0' ? [inner] : { [name]: inner };
}
