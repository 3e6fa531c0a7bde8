// What SNS serves beside its API: the certificate of its signatures, where subscribers look for it; and, for people, the
// mailbox, the log of deliveries, and a way to opt a number out, as whoever has the phone would.

import type { Routed } from '../../route.ts';
import type { Answer } from '../../wire/wire.ts';
import type { Sns } from './sns.ts';

const json = 'application/json';
const mostRead = 1000;

/** Undefined: nothing is served there. */
export async function pageAt(sns: Sns, { method, target, headers, body }: Routed): Promise<Answer | undefined> {
  const [path = '', query = ''] = target.split('?', 2);
  const question = new URLSearchParams(query);
  const after = wholeOf(question.get('after'), 0);
  const limit = Math.min(wholeOf(question.get('limit'), mostRead), mostRead);
  switch (`${method} ${path}`) {
    case 'GET /_causeway/sns/mailbox':
      return page({ mails: await sns.mailbox.read(after, limit) });
    case 'DELETE /_causeway/sns/mailbox':
      await sns.mailbox.clear();
      return { status: 204, contentType: json, body: '' };
    case 'GET /_causeway/sns/deliveries':
      return page({ deliveries: await sns.deliveries.read(after, limit) });
    case 'POST /_causeway/sns/opt-outs':
      // A page of another origin cannot send this type without being asked about it first.
      return headers['content-type'] === json ? optOut(sns, body) : { status: 415, contentType: json, body: '{}' };
    default:
      return method === 'GET' ? certificate(sns, path) : undefined;
  }
}

async function certificate({ signer }: Sns, path: string): Promise<Answer | undefined> {
  const body = await signer.certificateAt(path);
  return body === undefined ? undefined : { status: 200, contentType: 'application/x-pem-file', body };
}

async function optOut({ phones }: Sns, body: Buffer): Promise<Answer> {
  const told = textsOf(body);
  const { account, region, phoneNumber } = told;
  if (account === undefined || region === undefined || phoneNumber === undefined) {
    return { status: 400, contentType: json, body: '{"message":"account, region and phoneNumber are needed"}' };
  }
  await phones.optOut({ account, region }, phoneNumber);
  return page(told);
}

function textsOf(body: Buffer): Readonly<Record<string, string | undefined>> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    return {};
  }
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === 'string'));
}

function page(content: object): Answer {
  return { status: 200, contentType: json, body: JSON.stringify(content) };
}

function wholeOf(text: string | null, otherwise: number): number {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : otherwise;
}
