// CheckIfPhoneNumberIsOptedOut.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { boolean, required, string, structure } from '../shape.ts';
import { checkPhoneNumber } from './model/phones.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ phoneNumber: required(string()) });
const output = structure({ isOptedOut: boolean() });

export function checkIfPhoneNumberIsOptedOut({ phones }: Sns): Operation {
  return operation('CheckIfPhoneNumberIsOptedOut', input, output, async ({ phoneNumber: number }, call) => {
    checkPhoneNumber(number);
    return { isOptedOut: phones.optedOut(call).includes(number) };
  });
}
