// ListPlatformApplications: the caller's in a region, a hundred at a time.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, string, structure } from '../shape.ts';
import { pageOf } from './model/paging.ts';
import { shownAttributes } from './model/platforms.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ NextToken: string() });
const output = structure({
  PlatformApplications: list(structure({ PlatformApplicationArn: string(), Attributes: attributeMap })),
  NextToken: string(),
});

export function listPlatformApplications({ platforms }: Sns): Operation {
  return operation('ListPlatformApplications', input, output, async ({ NextToken: token }, call) => {
    const { items, nextToken } = pageOf(platforms.applications(call), ({ arn }) => arn, token);
    const shown = items.map((item) => ({ PlatformApplicationArn: item.arn, Attributes: shownAttributes(item) }));
    return { PlatformApplications: shown, NextToken: nextToken };
  });
}
