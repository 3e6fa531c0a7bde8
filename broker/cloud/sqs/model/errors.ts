// The errors of the SQS API: how each wire names them (API Reference, "Common Errors" and each action's "Errors"), and
// their wording.

import { AwsError } from '../../errors.ts';
import type { ErrorKind } from '../../errors.ts';

const sqs = 'com.amazonaws.sqs#';
const legacy = 'AWS.SimpleQueueService.';

const kinds = {
  queueDoesNotExist: { type: `${sqs}QueueDoesNotExist`, code: `${legacy}NonExistentQueue`, status: 400 },
  queueNameExists: { type: `${sqs}QueueNameExists`, code: 'QueueAlreadyExists', status: 400 },
  invalidAddress: { type: `${sqs}InvalidAddress`, code: 'InvalidAddress', status: 404 },
  invalidAttributeName: { type: `${sqs}InvalidAttributeName`, code: 'InvalidAttributeName', status: 400 },
  invalidAttributeValue: { type: `${sqs}InvalidAttributeValue`, code: 'InvalidAttributeValue', status: 400 },
  invalidMessageContents: { type: `${sqs}InvalidMessageContents`, code: 'InvalidMessageContents', status: 400 },
  receiptHandleIsInvalid: { type: `${sqs}ReceiptHandleIsInvalid`, code: 'ReceiptHandleIsInvalid', status: 404 },
  overLimit: { type: `${sqs}OverLimit`, code: 'OverLimit', status: 403 },
  requestThrottled: { type: `${sqs}RequestThrottled`, code: 'RequestThrottled', status: 403 },
  resourceNotFound: {
    type: `${sqs}ResourceNotFoundException`,
    code: 'ResourceNotFoundException',
    status: 404,
  },
  purgeQueueInProgress: { type: `${sqs}PurgeQueueInProgress`, code: `${legacy}PurgeQueueInProgress`, status: 403 },
  queueDeletedRecently: { type: `${sqs}QueueDeletedRecently`, code: `${legacy}QueueDeletedRecently`, status: 400 },
  unsupportedOperation: { type: `${sqs}UnsupportedOperation`, code: `${legacy}UnsupportedOperation`, status: 400 },
  emptyBatchRequest: { type: `${sqs}EmptyBatchRequest`, code: `${legacy}EmptyBatchRequest`, status: 400 },
  tooManyEntries: {
    type: `${sqs}TooManyEntriesInBatchRequest`,
    code: `${legacy}TooManyEntriesInBatchRequest`,
    status: 400,
  },
  idsNotDistinct: { type: `${sqs}BatchEntryIdsNotDistinct`, code: `${legacy}BatchEntryIdsNotDistinct`, status: 400 },
  invalidBatchEntryId: { type: `${sqs}InvalidBatchEntryId`, code: `${legacy}InvalidBatchEntryId`, status: 400 },
  batchRequestTooLong: { type: `${sqs}BatchRequestTooLong`, code: `${legacy}BatchRequestTooLong`, status: 400 },
} as const satisfies Record<string, Omit<ErrorKind, 'fault'>>;

function refusal(kind: Omit<ErrorKind, 'fault'>, message: string, queryMessage = message): AwsError {
  return new AwsError({ ...kind, fault: 'Sender' }, message, queryMessage);
}

export function queueDoesNotExist(): AwsError {
  const message = 'The specified queue does not exist.';
  return refusal(kinds.queueDoesNotExist, message, 'The specified queue does not exist for this wsdl version.');
}

export function queueNameExists(attribute: string): AwsError {
  return refusal(
    kinds.queueNameExists,
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
  );
}

export function invalidAddress(url: string): AwsError {
  return refusal(kinds.invalidAddress, `The address ${url} is not valid for this endpoint.`);
}

export function requestThrottled(): AwsError {
  return refusal(kinds.requestThrottled, 'Request is throttled.');
}

export function unknownAttribute(name: string): AwsError {
  return refusal(kinds.invalidAttributeName, `Unknown Attribute ${name}.`);
}

export function invalidAttributeName(message: string): AwsError {
  return refusal(kinds.invalidAttributeName, message);
}

export function invalidAttributeValue(name: string, reason?: string): AwsError {
  const because = reason === undefined ? '' : ` Reason: ${reason}`;
  return refusal(kinds.invalidAttributeValue, `Invalid value for the parameter ${name}.${because}`);
}

export function invalidMessageContents(): AwsError {
  return refusal(
    kinds.invalidMessageContents,
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | ' +
      '#x10000 to #x10FFFF',
  );
}

export function receiptHandleIsInvalid(handle: string): AwsError {
  return refusal(kinds.receiptHandleIsInvalid, `The input receipt handle "${handle}" is not a valid receipt handle.`);
}

export function overLimit(message: string): AwsError {
  return refusal(kinds.overLimit, message);
}

export function resourceNotFound(message: string): AwsError {
  return refusal(kinds.resourceNotFound, message);
}

export function purgeQueueInProgress(name: string): AwsError {
  return refusal(kinds.purgeQueueInProgress, `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`);
}

export function queueDeletedRecently(): AwsError {
  return refusal(
    kinds.queueDeletedRecently,
    'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
  );
}

export function unsupportedOperation(message: string): AwsError {
  return refusal(kinds.unsupportedOperation, message);
}

export function emptyBatchRequest(entryName: string): AwsError {
  return refusal(kinds.emptyBatchRequest, `There should be at least one ${entryName} in the request.`);
}

export function tooManyEntries(most: number, sent: number): AwsError {
  return refusal(kinds.tooManyEntries, `Maximum number of entries per request are ${most}. You have sent ${sent}.`);
}

export function idsNotDistinct(id: string): AwsError {
  return refusal(kinds.idsNotDistinct, `Id ${id} repeated.`);
}

export function invalidBatchEntryId(): AwsError {
  return refusal(
    kinds.invalidBatchEntryId,
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 ' +
      'letters long.',
  );
}

export function batchRequestTooLong(limitBytes: number, sentBytes: number): AwsError {
  return refusal(
    kinds.batchRequestTooLong,
    `Batch requests cannot be longer than ${limitBytes} bytes. You have sent ${sentBytes} bytes.`,
  );
}
