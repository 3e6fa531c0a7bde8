// Browsers: what pages may ask for that are not the engine's own (the Fetch standard, CORS). AWS answers all of them, as nothing
// is to be had without a signature. Where nobody has to sign, any page that somebody visits could read queues here: so
// those of other machines are refused, but for the ones that the configuration names.

import type { IncomingHttpHeaders } from 'node:http';

const loopback = /^https?:\/\/(localhost|[\w-]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
/** What AWS lets pages see of an answer. */
const exposed = [
  'x-amzn-RequestId',
  'x-amzn-ErrorType',
  'x-amz-request-id',
  'x-amz-id-2',
  'x-amzn-ErrorMessage',
  'Date',
].join(',');
/** How long a browser may remember what it was told, in seconds. */
const rememberedSeconds = '172800';

export class Origins {
  readonly #allowed: ReadonlySet<string>;
  readonly #all: boolean;

  /** `allowed`: `https://app.example.com`, or `*`. */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
    this.#all = this.#allowed.has('*');
  }

  /** Undefined: it is no page. */
  admits(origin: string | undefined): boolean {
    return origin === undefined || this.#all || this.#allowed.has(origin) || loopback.test(origin);
  }
}

/** What a page is told with every answer; names and values in turn. */
export function corsHeaders(method: string, headers: IncomingHttpHeaders): readonly string[] {
  if (headers.origin === undefined) return [];
  const common = ['Access-Control-Allow-Origin', '*'];
  if (method !== 'OPTIONS') return [...common, 'Access-Control-Expose-Headers', exposed];
  const wanted = headers['access-control-request-headers'];
  const wantedMethod = headers['access-control-request-method'];
  if (wanted !== undefined) common.push('Access-Control-Allow-Headers', wanted);
  if (wantedMethod !== undefined) common.push('Access-Control-Allow-Methods', wantedMethod);
  return [...common, 'Access-Control-Max-Age', rememberedSeconds];
}
