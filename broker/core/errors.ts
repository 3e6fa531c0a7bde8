// The one error type of the engine. Dialects translate `code` into their own terms at their edge;
// whatever is thrown that is not a BrokerError is a bug.

export const errorCodes = [
  'invalid', // the request is malformed, or breaks a rule of its protocol
  'not-found', // the named thing does not exist
  'exists', // the named thing exists already, with other properties
  'not-allowed', // the state of the thing does not permit it
  'unauthorized', // the peer may not do this
  'too-large', // a limit on size is exceeded
  'limit', // a bound on number or memory is reached; later it may work
  'store-full', // the disk, or the configured size of the store, is full
  'store-failed', // the store could not write or read: I/O error, read-only, corrupt
  'fenced', // another engine has taken over the store
  'closed', // the thing was closed while the request was under way
  'unsupported', // a feature that is not there
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export class BrokerError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'BrokerError';
    this.code = code;
  }
}

/** What to tell a peer about any thrown value: a BrokerError as it is, anything else as a closed-mouthed failure. */
export function asBrokerError(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error;
  return new BrokerError('store-failed', 'internal error', { cause: error });
}
