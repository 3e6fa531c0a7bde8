// ListPhoneNumbersOptedOut: a hundred at a time.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { list, string, structure } from '../shape.ts';
import { pageOf } from './model/paging.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ nextToken: string() });
const output = structure({ phoneNumbers: list(string()), nextToken: string() });

export function listPhoneNumbersOptedOut({ phones }: Sns): Operation {
  return operation('ListPhoneNumbersOptedOut', input, output, async ({ nextToken: token }, call) => {
    const { items, nextToken } = pageOf(phones.optedOut(call), (number) => number, token);
    return { phoneNumbers: items, nextToken };
  });
}
