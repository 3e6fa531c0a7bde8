// Terraform and CloudFormation make, read, change and delete resources, call by call as they were recorded: what is read after
// a write is what was written, so that a second plan has nothing to do, and what they wait for comes.

import * as kinesis from '@aws-sdk/client-kinesis';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { isReal, target } from '../target.ts';
import type { Target } from '../target.ts';
import { cloudFormationRecordings } from './cloudformation.ts';
import type { Recording, Step } from './steps.ts';
import { queueRecordings } from './terraform-queue.ts';
import { streamRecordings } from './terraform-stream.ts';
import { topicRecordings } from './terraform-topic.ts';

const clients = { sqs, sns, kinesis } as unknown as Readonly<
  Record<string, Readonly<Record<string, new (input: object) => never>>>
>;

type Answer = Readonly<Record<string, unknown>>;

async function ask(aws: Target, call: string, input: unknown): Promise<Answer> {
  const [service = '', operation = ''] = call.split('.');
  const Command = clients[service]![`${operation}Command`]!;
  const client = aws[service as 'sqs' | 'sns' | 'kinesis'] as { send(command: unknown): Promise<Answer> };
  const { $metadata: _, ...answer } = await client.send(new Command(input as object));
  return answer;
}

/** Words in braces are replaced, in every string of it; what is no plain value is left alone. */
function filled(value: unknown, words: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    // Within JSON a word may be JSON itself.
    return (
      words.get(/^\{(\w+)\}$/.exec(value)?.[1] ?? '') ??
      value.replace(/\{(\w+)\}/g, (all, word) => words.get(word) ?? all)
    );
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, words));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, words)]));
}

/** Documents within strings become what they say: their order and spaces mean nothing. */
function parsed(value: unknown): unknown {
  if (typeof value === 'string' && /^[[{]/.test(value)) return JSON.parse(value);
  if (Array.isArray(value)) return value.map(parsed);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, parsed(item)]));
}

function at(value: unknown, path: string): string {
  return String(path.split('.').reduce((inner, name) => (inner as Record<string, unknown>)[name], value));
}

async function play(aws: Target, step: Step, words: Map<string, string>): Promise<void> {
  const { call, answer = {}, absent = [], refused, keep = {}, times = 1 } = step;
  const input = filled(step.input, words);
  if (refused !== undefined) {
    const wait = { timeout: isReal ? 120_000 : 5000 };
    const refusal = (): Promise<string> =>
      ask(aws, call, input).then(String, (error: unknown) => (error instanceof Error ? error.name : 'nothing'));
    await expect.poll(refusal, wait).toBe(refused);
    for (let more = 1; more < times; more++) expect(await refusal()).toBe(refused);
    return;
  }
  const expected = parsed(filled(answer, words)) as object;
  let given: Answer = {};
  const once = async (): Promise<unknown> => parsed((given = await ask(aws, call, input)));
  // Elsewhere than here a write takes time until all reads show it.
  if (isReal && /\.(Get|List|Describe)/.test(call)) {
    await expect.poll(once, { timeout: 120_000 }).toMatchObject(expected);
  }
  for (let round = 0; round < times; round++) expect(await once()).toMatchObject(expected);
  const members = Object.keys(Object.values(given).find((value) => typeof value === 'object') ?? {}).concat(
    Object.keys(given),
  );
  for (const name of absent) expect(members).not.toContain(name);
  for (const [path, word] of Object.entries(keep)) words.set(word, at(given, path));
}

const recordings: readonly Recording[] = [
  ...queueRecordings,
  ...topicRecordings,
  ...streamRecordings,
  ...cloudFormationRecordings,
];

describe('recorded calls', () => {
  it.each(recordings.map((recording) => [recording.what, recording] as const))(
    '%s',
    { timeout: 900_000 },
    async (_, recording) => {
      await using aws = await target();
      const words = new Map([['run', aws.name('p')]]);
      for (const [index, step] of recording.steps.entries()) {
        try {
          await play(aws, step, words);
        } catch (error) {
          const said = error instanceof Error ? error.message : String(error);
          throw new Error(`step ${index + 1}, ${step.call} ${JSON.stringify(filled(step.input, words))}: ${said}`, {
            cause: error,
          });
        }
      }
    },
  );
});
