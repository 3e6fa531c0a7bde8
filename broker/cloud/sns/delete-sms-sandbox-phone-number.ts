// DeleteSMSSandboxPhoneNumber.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, structure } from '../shape.ts';
import { sandboxPhoneNumber } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const input = structure({ PhoneNumber: required(sandboxPhoneNumber) });

export function deleteSmsSandboxPhoneNumber({ phones }: Sns): Operation {
  return operation('DeleteSMSSandboxPhoneNumber', input, structure({}), async ({ PhoneNumber: number }, call) => {
    await phones.removeFromSandbox(call, number);
    return {};
  });
}
