// CreateSMSSandboxPhoneNumber: the one-time password for it goes into the mailbox.

import { operation } from '../service.ts';
import type { Operation } from '../service.ts';
import { required, string, structure } from '../shape.ts';
import { checkPhoneNumber } from './model/phones.ts';
import { sandboxPhoneNumber } from './model/shapes.ts';
import type { Sns } from './model/sns.ts';

const languages = 'en-US en-GB es-419 es-ES de-DE fr-CA fr-FR it-IT ja-JP pt-BR kr-KR zh-CN zh-TW'.split(' ');
const input = structure({
  PhoneNumber: required(sandboxPhoneNumber),
  LanguageCode: string({ oneOf: languages }),
});

export function createSmsSandboxPhoneNumber({ phones }: Sns): Operation {
  return operation('CreateSMSSandboxPhoneNumber', input, structure({}), async ({ PhoneNumber: number }, call) => {
    checkPhoneNumber(number);
    await phones.addToSandbox({ account: call.account, region: call.region }, number);
    return {};
  });
}
