import { assert, integer, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import { formatReceiptHandle, parseReceiptHandle } from '../../../broker/cloud/sqs/model/receipt-handle.ts';

const whole = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const handles = record({
  queueId: whole,
  seq: whole,
  attempts: integer({ min: 1, max: 2 ** 32 - 1 }),
  receivedAt: whole,
});

it('comes back as it was made', () => {
  assert(
    property(handles, (handle) => {
      expect(parseReceiptHandle(formatReceiptHandle(handle))).toEqual(handle);
    }),
    { seed: 20_261_121 },
  );
});

it('is refused with any one character changed', () => {
  const text = formatReceiptHandle({ queueId: 1, seq: 2 ** 40, attempts: 3, receivedAt: 1_795_266_553_325 });
  for (let at = 0; at < text.length; at++) {
    const other = text[at] === 'A' ? 'B' : 'A';
    expect(parseReceiptHandle(text.slice(0, at) + other + text.slice(at + 1)), `character ${at}`).toBeUndefined();
  }
});

it.each(['', 'garbage', 'A'.repeat(44), 'A'.repeat(10_000), 'é'.repeat(44)])('is refused: %s', (text) => {
  expect(parseReceiptHandle(text)).toBeUndefined();
});
