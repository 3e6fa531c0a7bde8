// SetSMSAttributes: of the caller, in a region.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ attributes: required(attributeMap) });

export function setSmsAttributes({ phones }: Sns): Operation {
  return operation('SetSMSAttributes', input, structure({}), async ({ attributes }, call) => {
    await phones.setAttributes(call, attributes);
    return {};
  });
}
