// OptInPhoneNumber: a number that never opted out is opted in as well.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { checkPhoneNumber } from './model/phones.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ phoneNumber: required(string()) });

export function optInPhoneNumber({ phones }: Sns): Operation {
  return operation('OptInPhoneNumber', input, structure({}), async ({ phoneNumber: number }, call) => {
    checkPhoneNumber(number);
    await phones.optIn(call, number);
    return {};
  });
}
