// docs/aws.md says of every operation of a service's model what becomes of it here.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openKinesis } from '../../broker/cloud/kinesis/model/open-kinesis.ts';
import { kinesisService } from '../../broker/cloud/kinesis/service.ts';
import { Sns } from '../../broker/cloud/sns/model/sns.ts';
import { snsService } from '../../broker/cloud/sns/service.ts';
import { Queues } from '../../broker/cloud/sqs/model/queues.ts';
import { sqsService } from '../../broker/cloud/sqs/service.ts';
import { Streams } from '../../broker/core/streams.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import { testBroker } from '../support/broker.ts';
import { operations as s3Operations } from '../../broker/cloud/s3/operations.ts';
import { modelled, s3 as s3Model } from './aws-operations.ts';

const page = readFileSync(new URL('../../docs/aws.md', import.meta.url), 'utf8');

/** Operation and answer of each row of the table in a service's section. */
function rowsOf(service: string): ReadonlyMap<string, string> {
  const section = page.split(/^##+ /m).find((part) => part.startsWith(`${service}\n`)) ?? '';
  const rows = [...section.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm)];
  return new Map(rows.map(([, operation = '', answer = '']) => [operation, answer]));
}

async function registered(): Promise<Readonly<Record<'SQS' | 'SNS' | 'Kinesis Data Streams', readonly string[]>>> {
  await using test = await testBroker();
  const queues = new Queues(test.broker, systemClock);
  const sns = new Sns({ broker: test.broker, queues, clock: systemClock, log: silent });
  const streams = new Streams({ store: test.store, clock: systemClock, log: silent });
  const options = { streams, store: test.store, clock: systemClock, log: silent, stateDelayMs: 0 };
  const kinesis = await openKinesis(options);
  return {
    'Kinesis Data Streams': [...kinesisService(kinesis).operations.keys()],
    SQS: [...sqsService(test.broker, queues, systemClock).operations.keys()],
    SNS: [...snsService(sns).operations.keys()],
  };
}

describe.each(['SQS', 'SNS', 'Kinesis Data Streams'] as const)('%s', (service) => {
  it('every operation of the model has a row, and nothing else has', () => {
    expect([...rowsOf(service).keys()].sort()).toEqual([...modelled[service]].sort());
  });

  it('what is served is in the model', async () => {
    const known = new Set(modelled[service]);
    expect((await registered())[service].filter((operation) => !known.has(operation))).toEqual([]);
  });

  it('only what is said not to be there is not there', async () => {
    const served = new Set((await registered())[service]);
    const missing = [...rowsOf(service)].filter(([operation]) => !served.has(operation));
    expect(missing.filter(([, answer]) => !answer.startsWith('not yet'))).toEqual([]);
  });
});

describe('S3', () => {
  const [, missing = ''] = /^Not implemented: ([^.]*)\./ms.exec(page) ?? [];

  it('what is served has a row, and nothing else has', () => {
    expect([...rowsOf('S3').keys()].sort()).toEqual(s3Operations.map(({ name }) => name).sort());
  });

  it('every other operation of the model is named as missing', () => {
    const named = [...missing.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    expect([...named, ...rowsOf('S3').keys()].sort()).toEqual([...s3Model].sort());
  });
});
