import { expect, it } from 'vitest';
import { parseCron } from '../../broker/core/cron.ts';

const local = (text: string): number => new Date(text).getTime();

it.each([
  ['* * * * *', '2026-11-21T10:00:30', '2026-11-21T10:01:00'],
  ['0 * * * *', '2026-11-21T10:00:00', '2026-11-21T11:00:00'],
  ['30 8-10 * * *', '2026-11-21T10:31:00', '2026-11-22T08:30:00'],
  ['*/20 * * * *', '2026-11-21T10:21:00', '2026-11-21T10:40:00'],
  ['0 0 1,15 * *', '2026-11-21T10:00:00', '2026-12-01T00:00:00'],
  ['0 12 * * 7', '2026-11-21T10:00:00', '2026-11-22T12:00:00'],
  ['0 12 * * 0', '2026-11-21T10:00:00', '2026-11-22T12:00:00'],
  ['0 0 13 * 5', '2026-11-21T10:00:00', '2026-11-27T00:00:00'],
  ['59 23 31 12 *', '2026-12-31T23:59:00', '2027-12-31T23:59:00'],
  ['0 0 29 2 *', '2026-11-21T10:00:00', '2028-02-29T00:00:00'],
])('%s after %s is at %s', (text, now, next) => {
  expect(parseCron(text).next(local(now))).toBe(local(next));
});

it.each([
  ['* * * *', 'expected five fields'],
  ['60 * * * *', '"60" is no minute'],
  ['* 24 * * *', '"24" is no hour'],
  ['* * 0 * *', '"0" is no day of month'],
  ['5-1 * * * *', '"5-1" is no minute'],
  ['*/0 * * * *', '"*/0" is no minute'],
  ['0 0 31 2 *', 'there is no such day'],
  ['a b c d e', '"a" is no minute'],
])('%s is refused', (text, reason) => {
  expect(() => parseCron(text)).toThrow(reason);
});
