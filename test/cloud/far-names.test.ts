// Names as a test knows them, and as they are elsewhere: what goes there and back is as it was.

import { describe, expect, it } from 'vitest';
import { cborInwards, cborOutwards, formOutwards, inwards, jsonOutwards, onlyOwn, outwards } from './far-names.ts';
import type { Names } from './far-names.ts';
import { CborEncoder } from '../../broker/cloud/wire/cbor-encoder.ts';

const url = (service: string): string => `https://${service}.eu-west-1.amazonaws.com`;
const way: Names = {
  run: 'run-1',
  urls: { sqs: url('sqs'), sns: url('sns'), kinesis: url('kinesis') },
  account: '123456789012',
  region: 'eu-west-1',
  local: 'http://127.0.0.1:5000',
};

describe('text', () => {
  it.each([
    ['arn:aws:sqs:us-east-1:000000000000:q.fifo', 'arn:aws:sqs:eu-west-1:123456789012:run-1-q.fifo'],
    ['arn:aws:sns:us-east-1:000000000000:t:some-id', 'arn:aws:sns:eu-west-1:123456789012:run-1-t:some-id'],
    ['arn:aws:sns:us-east-1:000000000000:app/ADM/shop', 'arn:aws:sns:eu-west-1:123456789012:app/ADM/run-1-shop'],
    [
      'arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1',
      'arn:aws:kinesis:eu-west-1:123456789012:stream/run-1-s/consumer/c:1',
    ],
    ['http://127.0.0.1:5000/000000000000/q', 'https://sqs.eu-west-1.amazonaws.com/123456789012/run-1-q'],
    [
      'http://127.0.0.1:5000/?Action=ConfirmSubscription',
      'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription',
    ],
    ['arn:aws:iam::000000000000:root', 'arn:aws:iam::123456789012:root'],
    ['nothing of the kind', 'nothing of the kind'],
  ])('%s', (here, there) => {
    expect(outwards(here, way)).toBe(there);
    expect(inwards(there, way)).toBe(here);
  });
});

describe('requests', () => {
  it('name what they make, whichever wire they are on', () => {
    expect(jsonOutwards('{"StreamName":"s","Data":"s"}', 'PutRecord', way)).toBe('{"StreamName":"run-1-s","Data":"s"}');
    expect(jsonOutwards('{}', 'ListQueues', way)).toBe('{"QueueNamePrefix":"run-1-"}');
    expect(jsonOutwards('no JSON', 'ListQueues', way)).toBe('no JSON');
    expect(formOutwards('Action=CreateTopic&Name=t', way)).toBe('Action=CreateTopic&Name=run-1-t');
    const encoder = new CborEncoder();
    encoder.map(2);
    encoder.text('StreamName');
    encoder.text('s');
    encoder.text('Data');
    encoder.bytes(Buffer.from([0, 255]));
    const asked = encoder.take();
    expect(cborOutwards(asked, way).includes('run-1-s')).toBe(true);
    expect(cborInwards(cborOutwards(asked, way), way)).toEqual(asked);
  });

  it('name nothing that is no name, and cut what would be too long, so that it is found again', () => {
    expect(formOutwards('Action=CreateTopic&Name=.fifo', way)).toBe('Action=CreateTopic&Name=.fifo');
    const whole = 'a'.repeat(128);
    const [, there = ''] =
      /"StreamName":"([^"]*)"/.exec(jsonOutwards(`{"StreamName":"${whole}"}`, 'CreateStream', way)) ?? [];
    expect(there).toMatch(/^run-1-[0-9a-f]{40}$/);
    expect(inwards(`arn:aws:kinesis:eu-west-1:123456789012:stream/${there}`, way)).toBe(
      `arn:aws:kinesis:us-east-1:000000000000:stream/${whole}`,
    );
    const tooLong = JSON.parse(jsonOutwards(`{"StreamName":"${whole}a"}`, 'CreateStream', way));
    expect(tooLong.StreamName).toBe(`run-1-${whole}a`);
  });
});

describe('lists', () => {
  it('have what the test has made, and nothing else', () => {
    const listed = { StreamNames: ['other', 'run-1-s'], HasMoreStreams: false };
    expect(JSON.parse(onlyOwn(JSON.stringify(listed), 'ListStreams', way)).StreamNames).toEqual(['run-1-s']);
    const member = (name: string): string => `<member><TopicArn>arn:${name}</TopicArn></member>`;
    expect(onlyOwn(`<Topics>${member('other')}${member('run-1-t')}</Topics>`, 'ListTopics', way)).toBe(
      `<Topics>${member('run-1-t')}</Topics>`,
    );
  });
});
