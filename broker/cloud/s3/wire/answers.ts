// Answers of S3 in XML (Amazon S3 API Reference).

import type { AwsError } from '../../errors.ts';
import type { StreamedAnswer } from '../../streaming.ts';
import { escapeXml } from '../../wire/xml.ts';

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** An element with text; nothing for what is undefined. */
export function leaf(name: string, value: string | number | boolean | undefined): string {
  return value === undefined ? '' : `<${name}>${escapeXml(String(value))}</${name}>`;
}

export function branch(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

export function xmlAnswer(root: string, children: readonly string[], headers: readonly string[] = []): StreamedAnswer {
  const inside = children.join('');
  const opening = `${declaration}<${root} xmlns="${namespace}"`;
  const body = inside === '' ? `${opening}/>` : `${opening}>${inside}</${root}>`;
  return { status: 200, headers: ['Content-Type', 'application/xml', ...headers], body };
}

export function emptyAnswer(status: number, headers: readonly string[] = []): StreamedAnswer {
  return { status, headers, body: '' };
}

/** Answers to HEAD have no body, whatever is wrong. */
export function refusalAnswer(
  { kind, message, details }: AwsError,
  about: { readonly requestId: string; readonly hostId: string; readonly isHead: boolean },
): StreamedAnswer {
  const { requestId, hostId, isHead } = about;
  const told = Object.entries(details).map(([name, value]) => leaf(name, value));
  const body = branch(
    'Error',
    leaf('Code', kind.code),
    leaf('Message', message),
    ...told,
    leaf('RequestId', requestId),
    leaf('HostId', hostId),
  );
  const headers = ['Content-Type', 'application/xml'];
  return { status: kind.status, headers, body: isHead ? '' : declaration + body };
}

/** As XML has it: to the second. */
export function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.000Z`;
}

export function httpTime(ms: number): string {
  return new Date(ms).toUTCString();
}
