// What a request says of its signature: in the Authorization header, or in the parameters of a presigned URL (Signature
// Version 4). It is taken apart here, and believed by nobody yet.

import { headerValue, parametersOf } from './canonical-request.ts';
import type { Parameter, Signable } from './canonical-request.ts';
import { incomplete, mismatch } from './refusals.ts';

export interface Claim {
  readonly accessKeyId: string;
  /** Of the credential scope. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
  /** Lower case, in the order in which they were signed. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** ISO 8601 in its basic form. */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** Of a presigned URL that says it: seconds from its timestamp. */
  readonly expires: number | undefined;
  /** What was said in place of a hash of the body. */
  readonly payloadHash: string | undefined;
}

export const algorithm = 'AWS4-HMAC-SHA256';
const timestampPattern = /^\d{8}T\d{6}Z$/;
/** A week. */
const mostSeconds = 604_800;

/** Undefined: the request is not signed. @throws SignatureRefused for what is only half of a signature. */
export function claimOf(request: Signable): Claim | undefined {
  const header = headerValue(request, 'authorization');
  const parameters = request.target.includes('X-Amz-Algorithm') ? parametersOf(request.target) : [];
  const isPresigned = valueOf(parameters, 'X-Amz-Algorithm') !== undefined;
  if (header !== undefined && isPresigned) {
    throw mismatch("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
  }
  if (isPresigned) return presignedClaim(request, parameters);
  return header === undefined ? undefined : headerClaim(request, header);
}

function headerClaim(request: Signable, header: string): Claim {
  const space = header.indexOf(' ');
  const given = new Map<string, string>();
  for (const part of space < 0 ? [] : header.slice(space + 1).split(/[,\s]+/)) {
    const equals = part.indexOf('=');
    if (equals > 0) given.set(part.slice(0, equals), part.slice(equals + 1));
  }
  const date = headerValue(request, 'x-amz-date') ?? headerValue(request, 'date');
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !given.get(name))
    .map((name) => `Authorization header requires '${name}' parameter. `);
  if (date === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
  }
  if (missing.length > 0 || date === undefined) throw incomplete(`${missing.join('')}Authorization=${header}`);
  return {
    ...scopeOf(space < 0 ? header : header.slice(0, space), given.get('Credential') ?? ''),
    signedHeaders: namesOf(given.get('SignedHeaders') ?? ''),
    signature: given.get('Signature') ?? '',
    timestamp: basicTime(date),
    sessionToken: headerValue(request, 'x-amz-security-token'),
    expires: undefined,
    payloadHash: headerValue(request, 'x-amz-content-sha256'),
  };
}

function presignedClaim(request: Signable, parameters: readonly Parameter[]): Claim {
  const names = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Signature',
    'X-Amz-SignedHeaders',
    'X-Amz-Date',
  ] as const;
  const missing = names
    .filter((name) => !valueOf(parameters, name))
    .map((name) => `AWS query-string parameters must include '${name}'. `);
  if (missing.length > 0) throw incomplete(`${missing.join('')}Re-examine the query-string parameters.`);
  const value = (name: (typeof names)[number]): string => valueOf(parameters, name) ?? '';
  const expires = valueOf(parameters, 'X-Amz-Expires');
  return {
    ...scopeOf(value('X-Amz-Algorithm'), value('X-Amz-Credential')),
    signedHeaders: namesOf(value('X-Amz-SignedHeaders')),
    signature: value('X-Amz-Signature'),
    timestamp: basicTime(value('X-Amz-Date')),
    sessionToken: valueOf(parameters, 'X-Amz-Security-Token'),
    expires: expires === undefined ? undefined : secondsOf(expires),
    payloadHash: valueOf(parameters, 'X-Amz-Content-Sha256') ?? headerValue(request, 'x-amz-content-sha256'),
  };
}

function scopeOf(
  named: string,
  credential: string,
): Pick<Claim, 'accessKeyId' | 'date' | 'region' | 'service' | 'terminator'> {
  if (named !== algorithm) {
    throw incomplete(`Unsupported AWS 'algorithm': '${named}' (only ${algorithm} for now). `);
  }
  const parts = credential.replace(/\/+$/, '').split('/');
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] = parts;
  if (parts.length !== 5) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  }
  return { accessKeyId, date, region, service, terminator };
}

/** A date of HTTP is signed in the other form. */
function basicTime(text: string): string {
  if (timestampPattern.test(text)) return text;
  const ms = text.includes('GMT') ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  return formatTime(ms);
}

/** `20130609T094515Z` */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
}

/** Not a number for a date that there never was. */
export function parseTime(timestamp: string): number {
  const [, year = '', month = '', day = '', hours = '', minutes = '', seconds = ''] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
}

function secondsOf(text: string): number {
  const seconds = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > mostSeconds) {
    throw incomplete(`X-Amz-Expires must be a number of seconds from 1 to ${mostSeconds}, not '${text}'.`);
  }
  return seconds;
}

function namesOf(text: string): string[] {
  return text.toLowerCase().split(';');
}

function valueOf(parameters: readonly Parameter[], wanted: string): string | undefined {
  return parameters.find(({ name }) => name === wanted)?.value;
}
