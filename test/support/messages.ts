// Messages for tests, with only what a test cares about.

import type { Message } from '../../broker/core/message.ts';

let last = 0;

export function message(fields: Partial<Message> & { readonly text?: string } = {}): Message {
  const { text = '', ...rest } = fields;
  return {
    id: `test-${++last}`,
    to: 'queue://test',
    body: Buffer.from(text),
    bodyType: 'text',
    durable: true,
    priority: 4,
    timestamp: Date.now(),
    properties: [],
    ...rest,
  };
}
