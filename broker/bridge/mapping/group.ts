// A key as AWS takes it: as a group of FIFO queues and topics, or as the partition key of a record. What is not taken is known
// by its digest.

import { hash } from 'node:crypto';

/** SQS API reference, SendMessage, MessageGroupId. */
const groupPattern = /^[\u0021-\u007E]{1,128}$/;
/** Characters (Kinesis API reference, PutRecord, PartitionKey). */
const longestPartitionKey = 256;

export function groupOf(key: string): string {
  return groupPattern.test(key) ? key : digestOf(key);
}

export function partitionKeyOf(key: string): string {
  return Array.from(key).length <= longestPartitionKey ? key : digestOf(key);
}

function digestOf(key: string): string {
  return `sha256-${hash('sha256', key, 'hex')}`;
}
