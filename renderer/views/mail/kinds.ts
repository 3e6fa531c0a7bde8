// Kinds of mail, in the order of the filter.

import type { MailRow } from '../../../broker/control/api-cloud.ts';

export const mailKinds = [
  { value: 'email', label: 'Email' },
  { value: 'email-json', label: 'JSON' },
  { value: 'sms', label: 'SMS' },
  { value: 'application', label: 'Push' },
] as const satisfies readonly { readonly value: MailRow['kind']; readonly label: string }[];

export function kindOf({ kind }: MailRow): string {
  return mailKinds.find(({ value }) => value === kind)?.label ?? kind;
}

/** What it is called that has no subject. */
export function nameOf({ kind }: MailRow): string {
  return kind === 'sms' ? 'Text message' : kind === 'application' ? 'Push to a device' : 'Mail without a subject';
}

/** The subject, or else the beginning of the body. */
export function lineOf({ subject, body }: MailRow): string {
  return subject ?? (body.trim() === '' ? '(empty)' : body.replaceAll(/\s+/g, ' ').trim());
}

/** As people know it: its name. */
export function topicOf({ topicArn = '' }: MailRow): string {
  return topicArn.split(':').at(-1) ?? '';
}
