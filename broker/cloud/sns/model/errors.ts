// The errors of the SNS API: codes and statuses as its service model has them (2010-03-31), and their wording as AWS
// words them.

import { AwsError } from '../../errors.ts';
import type { ErrorKind } from '../../errors.ts';

const kinds = {
  AuthorizationError: 403,
  BatchEntryIdsNotDistinct: 400,
  BatchRequestTooLong: 400,
  EmptyBatchRequest: 400,
  EndpointDisabled: 400,
  FilterPolicyLimitExceeded: 403,
  InvalidBatchEntryId: 400,
  InvalidParameter: 400,
  NotFound: 404,
  OptedOut: 400,
  ParameterValueInvalid: 400,
  PlatformApplicationDisabled: 400,
  ResourceNotFound: 404,
  SubscriptionLimitExceeded: 403,
  TagLimitExceeded: 400,
  Throttling: 400,
  TooManyEntriesInBatchRequest: 400,
  TopicLimitExceeded: 403,
  UserError: 400,
  ValidationError: 400,
  VerificationException: 400,
} as const satisfies Record<string, number>;

export type Code = keyof typeof kinds;

export function refusal(code: Code, message: string): AwsError {
  const kind: ErrorKind = { type: `com.amazonaws.sns#${code}`, code, status: kinds[code], fault: 'Sender' };
  return new AwsError(kind, message);
}

/** The framework in front of the service says so, in other words than the model's `Throttled`. */
export function throttled(): AwsError {
  return refusal('Throttling', 'Rate exceeded');
}

export function internalError(): AwsError {
  return new AwsError(
    { type: 'com.amazonaws.sns#InternalError', code: 'InternalError', status: 500, fault: 'Receiver' },
    'Unknown',
  );
}

/** `what` stands after the colon: the name of the parameter, and mostly a reason. */
export function invalidParameter(what: string): AwsError {
  return refusal('InvalidParameter', `Invalid parameter: ${what}`);
}

/** What is wrong with the value of an attribute, before it is known which request told it. */
export class InvalidAttribute extends Error {}

/** Attributes that come with a new resource are refused with another prefix than those that are set. */
export function translateAttribute(error: unknown, when: 'created' | 'set'): unknown {
  if (!(error instanceof InvalidAttribute)) return error;
  return invalidParameter(when === 'created' ? `Attributes Reason: ${error.message}` : error.message);
}

export function topicDoesNotExist(): AwsError {
  return refusal('NotFound', 'Topic does not exist');
}

export function subscriptionDoesNotExist(): AwsError {
  return refusal('NotFound', 'Subscription does not exist');
}

export function applicationDoesNotExist(): AwsError {
  return refusal('NotFound', 'PlatformApplication does not exist');
}

export function endpointDoesNotExist(): AwsError {
  return refusal('NotFound', 'Endpoint does not exist');
}

export function noValueFor(name: string): AwsError {
  return invalidParameter(`${name} Reason: no value for required parameter`);
}

/** On the Query wire a map with nothing in it is not there. */
export function attributesMissing(): AwsError {
  return refusal(
    'ValidationError',
    "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must not be null",
  );
}
