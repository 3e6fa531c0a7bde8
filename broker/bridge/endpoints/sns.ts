// Topics of SNS as targets. As a source, a topic is the queue that it feeds for the route (endpoints/sqs.ts).

import { BrokerError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Transaction } from '../../core/transaction.ts';
import type { Clock } from '../../util/clock.ts';
import type { MappingRules } from '../mapping.ts';
import type { Target } from '../target.ts';
import { deduplicationId, fifoSuffix, mapToSqs } from './sqs.ts';

/** A topic, as the cloud side supplies it. */
export interface SnsEnd {
  readonly maxBytes: number;
  /** Nothing can be published before it resolves. */
  readonly gate: Promise<void> | undefined;
  /** Signs what is to be signed, if anything; what it returns, or resolves with, adds it to a transaction. */
  prepare(message: Message, deduplicationId: string): Addition | Promise<Addition>;
}

type Addition = (transaction: Transaction) => void;

export interface SnsTargetOptions {
  readonly address: string;
  readonly clock: Clock;
  readonly account: string;
  readonly rules: MappingRules;
  /** Undefined while there is no such topic. */
  readonly find: () => SnsEnd | undefined;
}

export function snsTarget({ address, clock, account, rules, find }: SnsTargetOptions): Target {
  const isFifo = address.endsWith(fifoSuffix);
  const arrival = { clock, account };
  const missing = `${address} does not exist`;
  const prepared = new WeakMap<Message, Addition>();
  /** What is to be published by the transaction, all at its end: the order of publishes is that of commits. */
  let adds: Addition[] = [];
  let addsTo: Transaction | undefined;
  return {
    address,
    isKeyed: isFifo,
    keepsOriginal: false,
    obstacle: () => {
      const end = find();
      return end === undefined ? missing : end.gate;
    },
    map: (message, crossing, notes) => mapToSqs(message, crossing, rules, find()?.maxBytes ?? 0, arrival, notes),
    prepare: (mapped, from) => {
      const preparing = find()?.prepare(mapped, isFifo ? deduplicationId(from.identity()) : '');
      // Deleted since the target was asked for its obstacle: the message is not to blame.
      if (preparing === undefined) throw new BrokerError('closed', missing);
      if (preparing instanceof Promise) return preparing.then((add) => void prepared.set(mapped, add));
      prepared.set(mapped, preparing);
      return undefined;
    },
    put: (transaction, mapped) => {
      if (addsTo !== transaction) adds = [];
      addsTo = transaction;
      const add = prepared.get(mapped);
      if (add !== undefined) adds.push(add);
    },
    beforeCommit: (transaction) => {
      if (adds.length > 0 && find() === undefined) throw new BrokerError('closed', missing);
      if (addsTo === transaction) for (const publish of adds) publish(transaction);
      adds = [];
    },
  };
}
