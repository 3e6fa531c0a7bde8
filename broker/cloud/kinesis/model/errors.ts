// What Kinesis refuses, in its words.

import { AwsError, commonErrors } from '../../errors.ts';
import type { ErrorKind } from '../../errors.ts';

function kind(name: string, status = 400): ErrorKind {
  return { type: name, code: name, status, fault: status < 500 ? 'Sender' : 'Receiver' };
}

const kinds = {
  validation: kind('ValidationException'),
  invalidArgument: kind('InvalidArgumentException'),
  notFound: kind('ResourceNotFoundException'),
  inUse: kind('ResourceInUseException'),
  limitExceeded: kind('LimitExceededException'),
  expiredIterator: kind('ExpiredIteratorException'),
  expiredToken: kind('ExpiredNextTokenException'),
  accessDenied: kind('AccessDeniedException'),
  dryRun: kind('DryRunOperationException'),
  throughput: kind('ProvisionedThroughputExceededException'),
  unavailable: kind('InternalFailureException', 500),
} as const;

export function validationFailed(message: string): AwsError {
  return new AwsError(kinds.validation, message);
}

export function invalidArgument(message: string): AwsError {
  return new AwsError(kinds.invalidArgument, message);
}

export function resourceNotFound(message: string): AwsError {
  return new AwsError(kinds.notFound, message);
}

export function resourceInUse(message: string): AwsError {
  return new AwsError(kinds.inUse, message);
}

export function limitExceeded(message: string): AwsError {
  return new AwsError(kinds.limitExceeded, message);
}

export function accessDenied(message: string): AwsError {
  return new AwsError(kinds.accessDenied, message);
}

export function throughputExceeded(message: string): AwsError {
  return new AwsError(kinds.throughput, message);
}

export function unavailable(message: string): AwsError {
  return new AwsError(kinds.unavailable, message);
}

export function internalFailure(): AwsError {
  return new AwsError(commonErrors.internalFailure, '');
}

export function dryRunSucceeded(): AwsError {
  return new AwsError(kinds.dryRun, 'Request would have succeeded, but DryRun flag is set.');
}

export function expiredIterator(createdAt: number, now: number, toleratedMs: number): AwsError {
  return new AwsError(
    kinds.expiredIterator,
    `Iterator expired. The iterator was created at time ${javaDate(createdAt)} while right now it is ${javaDate(now)} ` +
      `which is further in the future than the tolerated delay of ${toleratedMs} milliseconds.`,
  );
}

export function expiredToken(createdAt: number, now: number, toleratedMs: number): AwsError {
  return new AwsError(
    kinds.expiredToken,
    `NextToken expired. The token was created at time ${javaDate(createdAt)} while right now it is ${javaDate(now)} ` +
      `which is further in the future than the tolerated delay of ${toleratedMs} milliseconds.`,
  );
}

export function streamNotFound(name: string, account: string): AwsError {
  return resourceNotFound(`Stream ${name} under account ${account} not found.`);
}

/** `Thu Jan 22 01:22:02 UTC 2015` */
function javaDate(ms: number): string {
  const [, weekday = '', day = '', month = '', year = '', time = ''] =
    /^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/.exec(new Date(ms).toUTCString()) ?? [];
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
