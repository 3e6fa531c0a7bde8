// What names a KMS key: an ARN of a key or an alias, an alias, or the id of a key.

import { invalidArgument, limitExceeded } from './errors.ts';
import { limits } from './limits.ts';

const keyArn = /^arn:aws[^:]*:kms:[^:]+:\d{12}:(?:key\/.+|alias\/.+)$/;
const keyName = /^(?:alias\/.+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/i;

/** @throws AwsError InvalidArgumentException for a type that is no encryption, or a name that is none of a key. */
export function checkEncryption(type: string, keyId: string): void {
  if (type !== 'KMS') throw invalidArgument('EncryptionType must be KMS.');
  if (keyArn.test(keyId) || keyName.test(keyId)) return;
  throw invalidArgument(`KeyId ${keyId} is not a valid name of a KMS key.`);
}

/**
 * When it was done in the last day, now as well.
 * @throws AwsError LimitExceededException for the 26th time (API Reference, StartStreamEncryption and StopStreamEncryption).
 */
export function anotherTime(operation: string, stream: string, before: readonly number[], now: number): number[] {
  const recent = before.filter((at) => at > now - limits.dayMs);
  if (recent.length < limits.keyChangesOfDay) return [...recent, now];
  throw limitExceeded(
    `${operation} can be called at most ${limits.keyChangesOfDay} times in 24 hours for stream ${stream}.`,
  );
}
