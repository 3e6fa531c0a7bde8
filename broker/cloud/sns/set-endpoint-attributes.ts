// SetEndpointAttributes: adds to what the endpoint has.

import { command } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ EndpointArn: required(string()), Attributes: required(attributeMap) });

export function setEndpointAttributes({ platforms }: Sns): Operation {
  return command('SetEndpointAttributes', input, ({ EndpointArn: arn, Attributes: attributes }) =>
    platforms.setEndpoint(arn, attributes),
  );
}
