// What every action is tried with: values of the wrong kind, and refusals as AWS words them on both wires.

import type { TestEndpoint } from '../endpoint.ts';
import { textOf } from '../endpoint.ts';

export interface Refusal {
  readonly status: number;
  /** `__type`, with its namespace; on the Query wire there is none. */
  readonly type: string;
  /** The Query code. */
  readonly code: string;
  readonly message: string;
}

const coral = 'com.amazon.coral.service#';

export function missing(name: string): Refusal {
  return {
    status: 400,
    type: `${coral}MissingRequiredParameterException`,
    code: 'MissingParameter',
    message: `The request must contain the parameter ${name}.`,
  };
}

export function invalid(message: string): Refusal {
  return { status: 400, type: `${coral}InvalidParameterValueException`, code: 'InvalidParameterValue', message };
}

export function sqsError(name: string, message: string, code = name, status = 400): Refusal {
  return { status, type: `com.amazonaws.sqs#${name}`, code, message };
}

/** Errors whose Query code has the old prefix. */
export function legacyError(name: string, message: string): Refusal {
  return sqsError(name, message, `AWS.SimpleQueueService.${name}`);
}

export const noSuchQueue: Refusal = sqsError(
  'QueueDoesNotExist',
  'The specified queue does not exist.',
  'AWS.SimpleQueueService.NonExistentQueue',
);

/** What the JSON wire answers. */
export async function refusalOf(endpoint: TestEndpoint, action: string, input: object): Promise<Refusal> {
  const { status, body, headers } = await endpoint.json(action, input);
  const code = headers.get('x-amzn-query-error')?.replace(/;Sender$/, '') ?? '';
  return { status, type: body?.__type, code, message: body?.message };
}

/** What the Query wire answers at the URL of the queue `q`. */
export async function queryRefusalOf(
  endpoint: TestEndpoint,
  parameters: Record<string, string>,
): Promise<Omit<Refusal, 'type'>> {
  const { status, text } = await endpoint.query(parameters, '/000000000000/q');
  return { status, code: textOf(text, 'Code') ?? '', message: textOf(text, 'Message') ?? '' };
}

type Kind = 'String' | 'Integer' | 'List' | 'Map';

const list = 'Start of list found where not expected';
const object = 'Start of structure or map found where not expected.';

/** What is sent for a member of each kind, and what AWS says of it. */
const mistakes: Readonly<Record<Kind, readonly (readonly [unknown, string])[]>> = {
  String: [
    [true, 'TRUE_VALUE can not be converted to a String'],
    [23, 'NUMBER_VALUE can not be converted to a String'],
    [[], list],
    [{}, object],
  ],
  Integer: [
    ['23', 'STRING_VALUE can not be converted to an Integer'],
    [false, 'FALSE_VALUE can not be converted to an Integer'],
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
};

/** Members, by path (`Entries.0.Id`), that are not refused as they should be with a value of another kind. */
export async function takesWrongKinds(
  endpoint: TestEndpoint,
  action: string,
  members: Readonly<Record<string, Kind>>,
): Promise<readonly unknown[]> {
  const taken: unknown[] = [];
  for (const [path, kind] of Object.entries(members)) {
    for (const [value, message] of mistakes[kind]) {
      const answer = await endpoint.json(action, nested(path.split('.'), value));
      const refused = answer.status === 400 && answer.body.__type === `${coral}SerializationException`;
      if (!refused || answer.body.message !== message) taken.push({ path, value, answer: answer.text });
    }
  }
  return taken;
}

function nested([name = '', ...rest]: readonly string[], value: unknown): object {
  const inner = rest.length === 0 ? value : nested(rest, value);
  return name === '0' ? [inner] : { [name]: inner };
}
