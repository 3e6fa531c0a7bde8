// ListOriginationNumbers: an account that has asked for no numbers has none.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, list, string, structure } from '../shape.ts';

const input = structure({ NextToken: string(), MaxResults: integer({ min: 1, max: 30 }) });
const output = structure({
  NextToken: string(),
  PhoneNumbers: list(
    structure({
      CreatedAt: string(),
      PhoneNumber: string(),
      Status: string(),
      Iso2CountryCode: string(),
      RouteType: string(),
      NumberCapabilities: list(string()),
    }),
  ),
});

export function listOriginationNumbers(): Operation {
  return operation('ListOriginationNumbers', input, output, async () => ({ PhoneNumbers: [] }));
}
