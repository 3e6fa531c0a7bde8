// CreatePlatformEndpoint: makes an endpoint, or finds the one with its token if it does not differ from what is asked.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({
  PlatformApplicationArn: required(string()),
  Token: required(string()),
  CustomUserData: string(),
  Attributes: attributeMap,
});
const output = structure({ EndpointArn: string() });

export function createPlatformEndpoint({ platforms }: Sns): Operation {
  return operation('CreatePlatformEndpoint', input, output, async (given) => {
    const { Token: token, CustomUserData: data, Attributes: attributes = new Map<string, string>() } = given;
    const application = platforms.application(given.PlatformApplicationArn);
    const { arn } = await platforms.createEndpoint(application, token, data, attributes);
    return { EndpointArn: arn };
  });
}
