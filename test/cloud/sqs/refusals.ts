// What every action is tried with: values of the wrong kind, and how refusals look on both wires.

import { expect } from 'vitest';
import type { TestEndpoint } from '../endpoint.ts';
import { textOf } from '../endpoint.ts';

export interface Refusal {
  readonly status?: number;
  /** `__type`, with its namespace. */
  readonly type: string;
  /** The Query code. */
  readonly code: string;
  readonly message: string;
}

const coral = 'com.amazon.coral.service#';

export const missing = (name: string): Refusal => ({
  type: `${coral}MissingRequiredParameterException`,
  code: 'MissingParameter',
  message: `The request must contain the parameter ${name}.`,
});

export const invalid = (message: string): Refusal => ({
  type: `${coral}InvalidParameterValueException`,
  code: 'InvalidParameterValue',
  message,
});

export const noSuchQueue: Refusal = {
  type: 'com.amazonaws.sqs#QueueDoesNotExist',
  code: 'AWS.SimpleQueueService.NonExistentQueue',
  message: 'The specified queue does not exist.',
};

export function sqsError(name: string, message: string, code = name, status = 400): Refusal {
  return { status, type: `com.amazonaws.sqs#${name}`, code, message };
}

/** On the JSON wire. */
export async function expectRefusal(
  endpoint: TestEndpoint,
  action: string,
  input: object,
  { status = 400, type, code, message }: Refusal,
): Promise<void> {
  const answer = await endpoint.json(action, input);
  expect(answer.body).toEqual({ __type: type, message });
  expect(answer.headers.get('x-amzn-query-error')).toBe(`${code};Sender`);
  expect(answer.status).toBe(status);
}

/** On the Query wire, at the URL of the queue `q`. */
export async function expectQueryRefusal(
  endpoint: TestEndpoint,
  parameters: Record<string, string>,
  { status = 400, code, message }: Omit<Refusal, 'type'>,
): Promise<void> {
  const answer = await endpoint.query(parameters, '/000000000000/q');
  expect([textOf(answer.text, 'Code'), textOf(answer.text, 'Message')]).toEqual([code, escaped(message)]);
  expect(answer.status).toBe(status);
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

/** Each member, by path (`Entries.0.Id`), is refused with a value of any other kind. */
export async function expectTypes(
  endpoint: TestEndpoint,
  action: string,
  members: Readonly<Record<string, Kind>>,
): Promise<void> {
  for (const [path, kind] of Object.entries(members)) {
    for (const [value, message] of mistakes[kind]) {
      const answer = await endpoint.json(action, nested(path.split('.'), value));
      expect([path, answer.status, answer.body]).toEqual([
        path,
        400,
        { __type: `${coral}SerializationException`, message },
      ]);
    }
  }
}

function nested([name = '', ...rest]: readonly string[], value: unknown): object {
  const inner = rest.length === 0 ? value : nested(rest, value);
  return name === '0' ? [inner] : { [name]: inner };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
