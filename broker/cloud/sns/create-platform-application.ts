// CreatePlatformApplication: credentials are kept, and asked nobody about.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({
  Name: required(string()),
  Platform: required(string()),
  Attributes: required(attributeMap),
});
const output = structure({ PlatformApplicationArn: string() });

export function createPlatformApplication({ platforms }: Sns): Operation {
  return operation('CreatePlatformApplication', input, output, async (given, call) => {
    const { arn } = await platforms.createApplication(call, given.Name, given.Platform, given.Attributes);
    return { PlatformApplicationArn: arn };
  });
}
