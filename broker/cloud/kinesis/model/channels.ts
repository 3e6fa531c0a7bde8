// Channels (delivery of streams into S3): the account is not enabled for them, so there are none. Their actions answer as
// AWS does to such an account.

import { resourceNotFound } from './errors.ts';

/** @throws AwsError ResourceNotFoundException, always. */
export function noSuchChannel(arn: string): never {
  throw resourceNotFound(`Channel ${arn} not found.`);
}
