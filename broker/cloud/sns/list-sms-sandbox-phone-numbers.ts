// ListSMSSandboxPhoneNumbers: up to a hundred at a time.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { integer, list, required, string, structure } from '../shape.ts';
import { limits } from './model/limits.ts';
import { pageOf } from './model/paging.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ NextToken: string(), MaxResults: integer({ min: 1, max: limits.pageSize }) });
const output = structure({
  PhoneNumbers: required(list(structure({ PhoneNumber: string(), Status: string() }))),
  NextToken: string(),
});

export function listSmsSandboxPhoneNumbers({ phones }: Sns): Operation {
  return operation('ListSMSSandboxPhoneNumbers', input, output, async ({ NextToken: token, MaxResults: max }, call) => {
    const numbers = Object.entries(phones.sandbox(call)).sort(([a], [b]) => (a < b ? -1 : 1));
    const { items, nextToken } = pageOf(numbers, ([number]) => number, token, max);
    const shown = items.map(([number, { status }]) => ({ PhoneNumber: number, Status: status }));
    return { PhoneNumbers: shown, NextToken: nextToken };
  });
}
