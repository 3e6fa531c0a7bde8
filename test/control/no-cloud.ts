// An AWS world with nothing in it but queues, which are the broker's.

import type { ConsoleCloud } from '../../broker/control/console-engine.ts';
import { BrokerError } from '../../broker/core/errors.ts';

export const noCloud: ConsoleCloud = {
  isInternal: () => false,
  send: () => Promise.reject(new BrokerError('unsupported', 'nothing is sent there in this test')),
  topics: () => [],
  topic: () => undefined,
  streams: () => [],
  stream: () => undefined,
  metrics: () => [],
  excesses: () => Promise.resolve([]),
  mailbox: () => Promise.resolve({ mails: [], next: undefined }),
  clearMailbox: () => Promise.resolve(0),
};
