import { expect, it } from 'vitest';
import { bytes, count, duration, perSecond, plural, timeOrDay } from '../../renderer/format.ts';

it.each([
  [0, '0'],
  [0.02, '0.1'],
  [0.5, '0.5'],
  [9.94, '9.9'],
  [9.96, '10'],
  [1234.4, '1,234'],
])('%d messages a second are %s', (rate, text) => {
  expect(perSecond(rate)).toBe(text);
});

it.each([
  [0, '0 B'],
  [1023, '1,023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [1024 ** 2 - 1, '1.0 MiB'],
  [5 * 1024 ** 4, '5.0 TiB'],
  [5000 * 1024 ** 4, '5,000.0 TiB'],
])('%d bytes are %s', (value, text) => {
  expect(bytes(value)).toBe(text);
});

it.each([
  [-5, '0 s'],
  [999, '0 s'],
  [61_000, '1 min 1 s'],
  [3_600_000, '1 h'],
  [3_660_000, '1 h 1 min'],
  [90_061_000, '1 d 1 h'],
])('%d ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it('counts and names things', () => {
  expect(count(1_204_331)).toBe('1,204,331');
  expect(plural(1, 'message')).toBe('1 message');
  expect(plural(0, 'message')).toBe('0 messages');
  expect(plural(2, 'queue')).toBe('2 queues');
});

it('gives the day of what was not today', () => {
  const now = new Date(2026, 10, 21, 12, 30, 5).getTime();
  expect(timeOrDay(now - 5_000, now)).toBe('12:30:00');
  expect(timeOrDay(now - 86_400_000, now)).toBe('2026-11-20');
});
