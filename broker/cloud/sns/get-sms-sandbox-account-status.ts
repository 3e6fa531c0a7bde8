// GetSMSSandboxAccountStatus: accounts are out of the sandbox here, as text messages to any number go into the mailbox.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { boolean, required, structure } from '../shape.ts';

const output = structure({ IsInSandbox: required(boolean()) });

export function getSmsSandboxAccountStatus(): Operation {
  return operation('GetSMSSandboxAccountStatus', structure({}), output, async () => ({ IsInSandbox: false }));
}
