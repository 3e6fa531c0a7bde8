// VerifySMSSandboxPhoneNumber: by the password that was sent to it.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { sandboxPhoneNumber } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({
  PhoneNumber: required(sandboxPhoneNumber),
  OneTimePassword: required(string({ min: 5, max: 8, pattern: /^[0-9]+$/ })),
});

export function verifySmsSandboxPhoneNumber({ phones }: Sns): Operation {
  return operation('VerifySMSSandboxPhoneNumber', input, structure({}), async (given, call) => {
    await phones.verifyInSandbox(call, given.PhoneNumber, given.OneTimePassword);
    return {};
  });
}
