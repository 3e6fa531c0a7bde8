// What the configuration refuses of shadows and dry runs, in words.

import { expect, it } from 'vitest';
import { loadConfig } from '../../../broker/config.ts';

const route = (text: string) => () => loadConfig({ set: [`routes=[{ name: s, ${text} }]`] });
const toSqs = 'from: queue://a, to: sqs://b';

it.each([
  [`${toSqs}, compare: {}`, 'only a route of mode shadow compares'],
  [`${toSqs}, mode: dry-run, compare: {}`, 'only a route of mode shadow compares'],
  [`${toSqs}, behind: 5`, 'only copies of a queue (mode: shadow, or dry-run) can fall behind'],
  ['from: topic://a, to: sqs://b, mode: shadow, behind: 5', 'only copies of a queue'],
  [`${toSqs}, mode: shadow, behind: 0`, 'behind'],
  [`${toSqs}, mode: shadow, replies: { through: sqs://r }`, 'only mode move has replies'],
  [`${toSqs}, mode: shadow, compare: { left: queue://l }`, 'left needs by'],
  [`${toSqs}, mode: shadow, compare: { by: constant:x }`, 'expected header:NAME, property:NAME or json:$.PATH'],
  [`${toSqs}, mode: shadow, compare: { by: header:nothing }`, 'no such header'],
  [`${toSqs}, mode: shadow, compare: { fields: [nothing] }`, 'expected body, header:NAME'],
  [`${toSqs}, mode: shadow, compare: { right: topic://t }`, 'expected queue://NAME or sqs://NAME, of this engine'],
  ['from: queue://a, to: topic://b, mode: shadow, compare: {}', 'not seen what is received from topic://b'],
  [`${toSqs}, mode: mirror`, 'mode'],
])('%s', (text, problem) => {
  expect(route(text)).toThrow(problem);
});

it('says that a queue of another broker cannot be copied', () => {
  const set = [
    'remotes={ aws: { type: aws, region: eu-west-1 } }',
    'routes=[{ name: s, from: sqs://a@aws, to: queue://b, mode: shadow }]',
  ];
  expect(() => loadConfig({ set })).toThrow('cannot be copied without taking from it');
});

it.each([
  `${toSqs}, mode: shadow`,
  'from: "queue://a.>", to: queue://b, mode: shadow, behind: 5, compare: { lateMs: 0 }',
  'from: topic://a, to: topic://b, mode: shadow',
  'from: kinesis://a, to: topic://b, mode: shadow, compare: { right: queue://c }',
  `${toSqs}, mode: shadow, compare: { left: queue://l, right: sqs://r, by: property:n, fields: [body] }`,
  `${toSqs}, mode: dry-run`,
])('takes %s', (text) => {
  expect(route(text)).not.toThrow();
});
