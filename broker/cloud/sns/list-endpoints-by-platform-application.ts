// ListEndpointsByPlatformApplication: a hundred at a time.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, required, string, structure } from '../shape.ts';
import { pageOf } from './model/paging.ts';
import { attributeMap } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ PlatformApplicationArn: required(string()), NextToken: string() });
const output = structure({
  Endpoints: list(structure({ EndpointArn: string(), Attributes: attributeMap })),
  NextToken: string(),
});

export function listEndpointsByPlatformApplication({ platforms }: Sns): Operation {
  return operation('ListEndpointsByPlatformApplication', input, output, async (given) => {
    const { arn: application } = platforms.application(given.PlatformApplicationArn);
    const { items, nextToken } = pageOf(platforms.endpointsOf(application), ({ arn }) => arn, given.NextToken);
    const shown = items.map(({ arn, record }) => ({
      EndpointArn: arn,
      Attributes: new Map(Object.entries(record.attributes)),
    }));
    return { Endpoints: shown, NextToken: nextToken };
  });
}
