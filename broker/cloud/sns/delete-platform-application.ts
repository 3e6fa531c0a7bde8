// DeletePlatformApplication: with its endpoints; one that is not there is deleted as well.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ PlatformApplicationArn: required(string()) });

export function deletePlatformApplication({ platforms }: Sns): Operation {
  return command('DeletePlatformApplication', input, ({ PlatformApplicationArn: arn }) =>
    platforms.deleteApplication(arn),
  );
}
