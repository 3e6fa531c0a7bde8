// The canonical form of a request, which is what is signed (IAM User Guide, "Create a signed AWS API request", step 1). S3 has
// its paths as they are; for all other services they are tidied up, and encoded once more than they were sent.

/** A request as far as a signature covers it. */
export interface Signable {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** Names and values in turn, as sent. */
  readonly rawHeaders: readonly string[];
}

export type PathForm = 'tidied' | 'as-sent';

export function canonicalRequest(
  request: Signable,
  signedHeaders: readonly string[],
  payloadHash: string,
  form: PathForm = 'tidied',
): string {
  const { method, target } = request;
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const query = question < 0 ? '' : target.slice(question + 1);
  const headers = signedHeaders.map((name) => `${name}:${headerValue(request, name) ?? ''}\n`).join('');
  const canonical = form === 'tidied' ? tidiedPath(path) : pathAsSent(path);
  return [method, canonical, canonicalQuery(query), headers, signedHeaders.join(';'), payloadHash].join('\n');
}

/** As it is signed: values of one name joined, spaces at the ends dropped and those within made single. */
export function headerValue({ rawHeaders }: Signable, name: string): string | undefined {
  const values: string[] = [];
  let authority: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const given = rawHeaders[at]!.toLowerCase();
    const value = rawHeaders[at + 1]!;
    if (given === name) values.push(value.trim().replaceAll(/\s+/g, ' '));
    // What HTTP/2 sends in its place.
    else if (given === ':authority' && name === 'host') authority = value;
  }
  return values.length === 0 ? authority : values.join(',');
}

export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** Of a query, decoded; what is no encoding stands for itself. */
export function parametersOf(target: string): Parameter[] {
  const question = target.indexOf('?');
  return question < 0 ? [] : readQuery(target.slice(question + 1));
}

function readQuery(query: string): Parameter[] {
  const parameters: Parameter[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    parameters.push({ name, value: equals < 0 ? '' : decode(part.slice(equals + 1)) });
  }
  return parameters;
}

/** By name, then by value, both as they are encoded; the signature itself is not signed. */
function canonicalQuery(query: string): string {
  return readQuery(query)
    .filter(({ name }) => name !== 'X-Amz-Signature')
    .map(({ name, value }) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Without empty and dotted segments (RFC 3986, 5.2.4). */
function tidiedPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  const isFolder = segments.length > 0 && /\/\.{0,2}$/.test(path);
  return `/${segments.join('/')}${isFolder ? '/' : ''}`;
}

/** Encoded once, whatever of it the client has encoded. */
function pathAsSent(path: string): string {
  return path.split('/').map(reencode).join('/');
}

function reencode(segment: string): string {
  try {
    return encode(decodeURIComponent(segment));
  } catch {
    return segment;
  }
}

/** All but RFC 3986's unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
