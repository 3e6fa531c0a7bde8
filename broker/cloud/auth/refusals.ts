// What is said of a signature that is not good, in AWS's words. Each refusal has a name on the JSON and CBOR wires and
// another on the Query wire (SQS API Reference, "Common Errors"); its status is the service's matter.

import { AwsError } from '../errors.ts';

const coral = 'com.amazon.coral.service#';

/** A status of its own: what is incomplete was never looked at closely, and is the same for all services. */
const kinds = {
  missing: { type: `${coral}MissingAuthenticationTokenException`, code: 'MissingAuthenticationToken' },
  unknown: { type: `${coral}UnrecognizedClientException`, code: 'InvalidClientTokenId' },
  mismatch: { type: `${coral}InvalidSignatureException`, code: 'SignatureDoesNotMatch' },
  incomplete: { type: `${coral}IncompleteSignatureException`, code: 'IncompleteSignature', status: 400 },
  expired: { type: `${coral}RequestExpired`, code: 'RequestExpired', status: 400 },
} as const satisfies Record<string, { readonly type: string; readonly code: string; readonly status?: number }>;

/** What does not match: the time, the signature itself, or what is said about it. */
export type Mismatched = 'time' | 'signature' | 'form';

/** Before it is known how the service that was asked sends it. */
export class SignatureRefused extends Error {
  readonly kind: keyof typeof kinds;
  /** Of a mismatch. */
  readonly about: Mismatched;

  constructor(kind: keyof typeof kinds, message: string, about: Mismatched = 'form') {
    super(message);
    this.name = 'SignatureRefused';
    this.kind = kind;
    this.about = about;
  }

  /** `status`: 403 for services that were on the Query wire, 400 for those that never were. */
  asAwsError(status: 400 | 403): AwsError {
    const { status: own, ...kind }: { type: string; code: string; status?: number } = kinds[this.kind];
    // The services that were never on the Query wire say it in words of their own.
    const message = this.kind === 'missing' && status === 400 ? 'Missing Authentication Token' : this.message;
    return new AwsError({ ...kind, status: own ?? status, fault: 'Sender' }, message);
  }
}

export function missingToken(): SignatureRefused {
  return new SignatureRefused('missing', 'Request is missing Authentication Token');
}

export function unknownToken(): SignatureRefused {
  return new SignatureRefused('unknown', 'The security token included in the request is invalid.');
}

export function mismatch(message: string, about?: Mismatched): SignatureRefused {
  return new SignatureRefused('mismatch', message, about);
}

export function incomplete(message: string): SignatureRefused {
  return new SignatureRefused('incomplete', message);
}

export function expired(): SignatureRefused {
  return new SignatureRefused('expired', 'Request has expired.');
}
