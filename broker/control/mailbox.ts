// The mailbox of SNS as the console shows it: a page of it, with bodies cut to what is wanted of them, so that an answer is
// bounded whatever was published.

import type { MailboxRequest, MailboxResponse, MailRow } from './api-cloud.ts';
import type { CloudMail, ConsoleCloud } from './console-engine.ts';

const defaultLimit = 50;
const bodyCharactersShown = 64 * 1024;

export async function readMailbox(
  cloud: ConsoleCloud,
  { limit = defaultLimit, bodyCharacters = bodyCharactersShown, ...request }: MailboxRequest,
): Promise<MailboxResponse> {
  const { mails, next } = await cloud.mailbox({ ...request, limit });
  return {
    mails: mails.map((mail) => describe(mail, bodyCharacters)),
    ...(next === undefined ? {} : { next }),
  };
}

function describe(mail: CloudMail, bodyCharacters: number): MailRow {
  const { position, id, kind, to, subject, body, topicArn, at, confirmationUrl, relay } = mail;
  return {
    position,
    id,
    kind,
    to,
    at,
    body: cut(body, bodyCharacters),
    bodyBytes: Buffer.byteLength(body),
    ...(subject === undefined ? {} : { subject }),
    ...(topicArn === undefined ? {} : { topicArn }),
    ...(confirmationUrl === undefined ? {} : { confirmationUrl }),
    ...(relay === undefined ? {} : { relay }),
  };
}

/** Not within a character that takes two units of UTF-16. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const isSplit = most > 0 && (text.codePointAt(most - 1) ?? 0) > 0xffff;
  return text.slice(0, isSplit ? most - 1 : most);
}
