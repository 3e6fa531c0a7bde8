// GetSMSAttributes: all, or those that are named.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, string, structure } from '../shape.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ attributes: list(string()) });
const output = structure({ attributes: attributeMap });

export function getSmsAttributes({ phones }: Sns): Operation {
  return operation('GetSMSAttributes', input, output, async ({ attributes: names = [] }, call) => {
    const told = Object.entries(phones.attributes(call));
    return { attributes: new Map(names.length === 0 ? told : told.filter(([name]) => names.includes(name))) };
  });
}
