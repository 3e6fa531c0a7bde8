// GetEndpointAttributes.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ EndpointArn: required(string()) });
const output = structure({ Attributes: attributeMap });

export function getEndpointAttributes({ platforms }: Sns): Operation {
  return operation('GetEndpointAttributes', input, output, async ({ EndpointArn: arn }) => ({
    Attributes: new Map(Object.entries(platforms.endpoint(arn).record.attributes)),
  }));
}
