// Spoiled requests: whatever comes, the answer is an AWS error or a closed connection, and the next one is served.

import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../../broker/cloud/errors.ts';
import { sqsService } from '../../broker/cloud/sqs/service.ts';
import { Queues } from '../../broker/cloud/sqs/model/queues.ts';
import type { Operation } from '../../broker/cloud/service.ts';
import { json10 } from '../../broker/cloud/wire/json.ts';
import { query, readParameters } from '../../broker/cloud/wire/query.ts';
import { checkConstraints } from '../../broker/cloud/constraints.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { testBroker } from '../support/broker.ts';
import { account, testEndpoint } from './endpoint.ts';
import { Mutator } from './mutation.ts';
import { formRequest, jsonRequest } from './raw-http.ts';
import { fuzzTest } from '../support/fuzz.ts';

const bodies = { cases: 20_000, seed: 20_261_121 };

const QueueUrl = `http://127.0.0.1:4566/${account}/q`;

/** One good request of each kind, as JSON and as a form. */
const requests: readonly { readonly action: string; readonly json: string; readonly form: string }[] = [
  {
    action: 'CreateQueue',
    json: '{"QueueName":"q","Attributes":{"VisibilityTimeout":"30"},"tags":{"a":"b"}}',
    form: 'QueueName=q&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=30&Tag.1.Key=a&Tag.1.Value=b',
  },
  {
    action: 'SendMessage',
    json: `{"QueueUrl":"${QueueUrl}","MessageBody":"h\\u00e9llo","DelaySeconds":0,"MessageAttributes":{"n":{"DataType":"Number","StringValue":"1"},"b":{"DataType":"Binary","BinaryValue":"AP8="}}}`,
    form: `QueueUrl=${encodeURIComponent(QueueUrl)}&MessageBody=h%C3%A9llo&DelaySeconds=0&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=Number&MessageAttribute.1.Value.StringValue=1`,
  },
  {
    action: 'SendMessageBatch',
    json: `{"QueueUrl":"${QueueUrl}","Entries":[{"Id":"a","MessageBody":"x"},{"Id":"b","MessageBody":"y"}]}`,
    form: `QueueUrl=${encodeURIComponent(QueueUrl)}&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x`,
  },
  {
    action: 'ReceiveMessage',
    json: `{"QueueUrl":"${QueueUrl}","MaxNumberOfMessages":10,"VisibilityTimeout":0,"AttributeNames":["All"],"MessageAttributeNames":["n","b.*"]}`,
    form: `QueueUrl=${encodeURIComponent(QueueUrl)}&MaxNumberOfMessages=10&AttributeName.1=All&MessageAttributeName.1=n`,
  },
  {
    action: 'DeleteMessage',
    json: `{"QueueUrl":"${QueueUrl}","ReceiptHandle":"AQAAAAAAAAABAAAAAAAAAAIAAAABAAABof45pe1GfTL1"}`,
    form: `QueueUrl=${encodeURIComponent(QueueUrl)}&ReceiptHandle=AQAAAAAAAAABAAAAAAAAAAIAAAABAAABof45pe1GfTL1`,
  },
  {
    action: 'SetQueueAttributes',
    json: `{"QueueUrl":"${QueueUrl}","Attributes":{"RedrivePolicy":"{\\"deadLetterTargetArn\\":\\"arn:aws:sqs:us-east-1:${account}:q\\",\\"maxReceiveCount\\":3}"}}`,
    form: `QueueUrl=${encodeURIComponent(QueueUrl)}&Attribute.Name=RedriveAllowPolicy&Attribute.Value=%7B%22redrivePermission%22%3A%22allowAll%22%7D`,
  },
];

describe('spoiled bodies', () => {
  async function operations(): Promise<ReadonlyMap<string, Operation>> {
    await using test = await testBroker();
    return sqsService(test.broker, new Queues(test.broker, systemClock), systemClock).operations;
  }

  fuzzTest('are read or refused on the JSON wire', bodies, async ({ cases, seed }) => {
    const known = await operations();
    const mutator = new Mutator(seed);
    const outcomes = { read: 0, refused: 0 };
    for (let round = 0; round < cases; round++) {
      const { action, json } = mutator.from(requests);
      const body = mutator.mutate(Buffer.from(json));
      const { input } = known.get(action)!;
      try {
        checkConstraints(input, json10.parse(input, { body, parameters: undefined }));
        outcomes.read++;
      } catch (error) {
        if (!(error instanceof AwsError)) throw new Error(`not refused: ${body.toString()}`, { cause: error });
        outcomes.refused++;
      }
    }
    expect(outcomes.read).toBeGreaterThan(1000);
    expect(outcomes.refused).toBeGreaterThan(1000);
  });

  fuzzTest('are read or refused on the Query wire', bodies, async ({ cases, seed }) => {
    const known = await operations();
    const mutator = new Mutator(seed);
    const outcomes = { read: 0, refused: 0 };
    for (let round = 0; round < cases; round++) {
      const { action, form } = mutator.from(requests);
      const body = mutator.mutate(Buffer.from(form));
      const { input } = known.get(action)!;
      try {
        const parameters = new Map<string, string>();
        readParameters(body.toString(), parameters);
        checkConstraints(input, query.parse(input, { body, parameters }));
        outcomes.read++;
      } catch (error) {
        if (!(error instanceof AwsError)) throw new Error(`not refused: ${body.toString()}`, { cause: error });
        outcomes.refused++;
      }
    }
    expect(outcomes.read).toBeGreaterThan(1000);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  it('take seconds at most where they are built to take long', async () => {
    const { input } = (await operations()).get('SendMessage')!;
    const size = 4 * 1024 * 1024;
    const builds = [
      'a&'.repeat(size / 2),
      `${'a.'.repeat(size / 2)}=1`,
      `a=${'%41'.repeat(size / 3)}`,
      `MessageAttribute.1.Name=${'+'.repeat(size)}`,
      Array.from({ length: 9999 }, (_, index) => `MessageAttribute.${index}.Value.StringListValue.${index}=x`).join(
        '&',
      ),
    ];
    const started = performance.now();
    for (const form of builds) {
      try {
        const parameters = new Map<string, string>();
        readParameters(form, parameters);
        query.parse(input, { body: Buffer.alloc(0), parameters });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
      }
    }
    for (const text of ['['.repeat(size), '{"a":'.repeat(size / 5), `{"MessageBody":${'[],'.repeat(size / 3)}0}`]) {
      expect(() => json10.parse(input, { body: Buffer.from(text), parameters: undefined })).toThrow(AwsError);
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('spoiled requests', () => {
  /** Sends the bytes, ends, and gives back what came until the other side closed. */
  function send(port: number, bytes: Buffer): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let received = '';
      socket.setEncoding('latin1');
      socket.on('data', (text: string) => (received += text));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(received));
      socket.end(bytes);
    });
  }

  fuzzTest(
    'are answered, or their connection is closed',
    { ...bodies, cases: 10_000, mostRounds: 10 },
    async ({ cases, seed }) => {
      const limits = { headersMs: 500, requestMs: 500, idleMs: 200 };
      await using endpoint = await testEndpoint({ limits });
      const mutator = new Mutator(seed);
      const statuses = new Map<string, number>();
      const heapBefore = process.memoryUsage().heapUsed;
      for (let round = 0; round < cases / 16; round++) {
        const batch = Array.from({ length: 16 }, () => {
          const { action, json, form } = mutator.from(requests);
          const whole = mutator.pick(2) === 0 ? jsonRequest(action, json) : formRequest(`Action=${action}&${form}`);
          return mutator.mutate(Buffer.from(whole));
        });
        const answers = await Promise.all(batch.map((bytes) => send(endpoint.port, bytes)));
        for (const [index, answer] of answers.entries()) {
          const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? (answer === '' ? 'closed' : 'other');
          expect(status, batch[index]!.toString()).toMatch(/^(200|400|403|404|408|413|431|503|100|closed)$/);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }
      expect(statuses.get('200')).toBeGreaterThan(100);
      expect(statuses.get('400')).toBeGreaterThan(100);
      expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(100 * 1024 * 1024);
      expect((await endpoint.json('ListQueues', {})).status).toBe(200);
    },
  );
});
