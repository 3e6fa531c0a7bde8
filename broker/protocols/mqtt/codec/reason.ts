// Reason codes (MQTT 5, 2.4), and the error that carries one to the edge, where it becomes a CONNACK, a DISCONNECT or an
// acknowledgement. Clients of earlier versions are told less, or nothing.

import { BrokerError } from '../../../core/errors.ts';
import type { ErrorCode } from '../../../core/errors.ts';

export const reason = {
  success: 0x00,
  disconnectWithWill: 0x04,
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  continueAuthentication: 0x18,
  reAuthenticate: 0x19,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  implementationSpecific: 0x83,
  unsupportedVersion: 0x84,
  identifierNotValid: 0x85,
  badCredentials: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  shuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdInUse: 0x91,
  packetIdNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  payloadFormatInvalid: 0x99,
} as const;

export type Reason = (typeof reason)[keyof typeof reason];

/** From here on, what was asked for did not happen. */
export const firstFailure = 0x80;

/** What a client did wrong, and the reason to give for ending its connection (4.13). */
export class WireError extends BrokerError {
  readonly reason: Reason;

  constructor(code: Reason, message: string, errorCode: ErrorCode = 'invalid') {
    super(errorCode, message);
    this.reason = code;
  }
}

export function malformed(message: string): WireError {
  return new WireError(reason.malformed, message);
}

export function protocolError(message: string): WireError {
  return new WireError(reason.protocolError, message);
}

const byErrorCode: Readonly<Partial<Record<ErrorCode, Reason>>> = {
  invalid: reason.protocolError,
  unauthorized: reason.notAuthorized,
  'too-large': reason.packetTooLarge,
  limit: reason.quotaExceeded,
  'store-full': reason.quotaExceeded,
  'store-failed': reason.implementationSpecific,
  fenced: reason.implementationSpecific,
};

/** The reason to give for any thrown value; what is not known is not told. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof WireError) return error.reason;
  return (error instanceof BrokerError && byErrorCode[error.code]) || reason.unspecified;
}
