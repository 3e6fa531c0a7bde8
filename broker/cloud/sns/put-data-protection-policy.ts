// PutDataProtectionPolicy: message data protection is closed to accounts that did not use it by April 2026, and none did
// here.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import type { AwsError } from '../errors.ts';
import { required, string, structure } from '../shape.ts';
import { refusal } from './model/errors.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ ResourceArn: required(string()), DataProtectionPolicy: required(string()) });

export function putDataProtectionPolicy({ topics }: Sns): Operation {
  return command('PutDataProtectionPolicy', input, async ({ ResourceArn: arn }, { region }) => {
    topics.at(arn, region, 'ResourceArn');
    throw dataProtectionRefused();
  });
}

export function dataProtectionRefused(): AwsError {
  return refusal('AuthorizationError', 'Message data protection is not available for this account.');
}
