// GetPlatformApplicationAttributes: all but the credentials.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { shownAttributes } from './model/platforms.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ PlatformApplicationArn: required(string()) });
const output = structure({ Attributes: attributeMap });

export function getPlatformApplicationAttributes({ platforms }: Sns): Operation {
  return operation('GetPlatformApplicationAttributes', input, output, async ({ PlatformApplicationArn: arn }) => ({
    Attributes: shownAttributes(platforms.application(arn)),
  }));
}
