// Whose account and which region a request is for (AWS Signature Version 4, credential scope). Nothing is
// verified here: whatever names itself is believed; where that is not enough, there is a guard (auth/guard.ts).

import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from './auth/caller.ts';
import type { Seal } from './auth/signatures.ts';

export interface Identity {
  readonly account: string;
  readonly region: string;
  readonly accessKeyId: string | undefined;
  /** The service that the request was signed for. */
  readonly signedService: string | undefined;
  /** Whom the guard knows it to be; absent: nobody looked. */
  readonly caller?: Caller;
  /** Of a verified signature. */
  readonly seal?: Seal;
}

export interface IdentityDefaults {
  readonly account: string;
  readonly region: string;
}

/** AKID/20260131/us-east-1/sqs/aws4_request */
const scopePattern = /(?:^|[\s,])Credential=([^\s,/]+)\/\d*\/([^\s,/]+)\/([^\s,/]+)/;
const accountPattern = /^\d{12}$/;
/** Regions become names in the store: letters, digits and hyphens, whatever region it is said to be. */
const regionPattern = /^[a-z][a-z0-9-]{0,31}$/;

export function identify(
  headers: IncomingHttpHeaders,
  parameters: ReadonlyMap<string, string> | undefined,
  defaults: IdentityDefaults,
): Identity {
  const presigned = parameters?.get('X-Amz-Credential');
  const credential = presigned === undefined ? headers.authorization : `Credential=${presigned}`;
  const [, accessKeyId, region = '', signedService] = scopePattern.exec(credential ?? '') ?? [];
  return {
    // A key of twelve digits is an account: each has a world of its own without anything being configured.
    account: accessKeyId !== undefined && accountPattern.test(accessKeyId) ? accessKeyId : defaults.account,
    region: regionPattern.test(region) ? region : defaults.region,
    accessKeyId,
    signedService,
  };
}
