// SetPlatformApplicationAttributes: adds to what the application has.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { readPlatformArn } from './model/arn.ts';
import { attributesMissing } from './model/errors.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ PlatformApplicationArn: required(string()), Attributes: attributeMap });

export function setPlatformApplicationAttributes({ platforms }: Sns): Operation {
  return command('SetPlatformApplicationAttributes', input, async (given) => {
    const { PlatformApplicationArn: arn, Attributes: attributes } = given;
    // The ARN is read before it is seen that nothing is to be set.
    readPlatformArn('PlatformApplicationArn', arn, 'app');
    if (attributes === undefined) throw attributesMissing();
    await platforms.setApplication(arn, attributes);
  });
}
