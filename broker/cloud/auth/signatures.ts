// Verifies signatures (Signature Version 4, HMAC-SHA256; not 4A) against the access keys of the configuration.

import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../util/clock.ts';
import type { Caller } from './caller.ts';
import { canonicalRequest } from './canonical-request.ts';
import type { PathForm, Signable } from './canonical-request.ts';
import { algorithm, claimOf, formatTime, parseTime } from './claim.ts';
import type { Claim } from './claim.ts';
import { expired, mismatch, unknownToken } from './refusals.ts';

/** An access key, and whose it is. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials come with it, and are not good without it. */
  readonly sessionToken?: string | undefined;
  readonly caller: Caller;
}

export interface Verified {
  readonly caller: Caller;
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly seal: Seal;
}

/** What a body is checked with whose pieces are signed one by one. */
export interface Seal {
  /** Of the request: the first piece's is made from it, the others' each from that before. */
  readonly signature: string;
  readonly timestamp: string;
  readonly scope: string;
  readonly key: Buffer;
}

const skewMinutes = 15;
const skewMs = skewMinutes * 60_000;
const terminator = 'aws4_request';
const unsignedPayload = 'UNSIGNED-PAYLOAD';
/** A key holds for a day, a region and a service: few are in use at a time. */
const mostSigningKeys = 1000;

export class Signatures {
  readonly #clock: Clock;
  readonly #keys: ReadonlyMap<string, AccessKey>;
  readonly #signingKeys = new Map<string, Buffer>();

  constructor(keys: readonly AccessKey[], clock: Clock) {
    this.#clock = clock;
    this.#keys = new Map(keys.map((key) => [key.accessKeyId, key]));
  }

  /**
   * Who signed the request, for `service`; undefined if nobody did. Checks are made in AWS's order: form, time, scope, key,
   * signature, token.
   * @throws SignatureRefused
   */
  verify(request: Signable & { readonly body?: Buffer }, service: string, form?: PathForm): Verified | undefined {
    const claim = claimOf(request);
    if (claim === undefined) return undefined;
    this.#checkTime(claim);
    // SDKs that speak HTTP/2 sign what is sent there in its place.
    if (!claim.signedHeaders.includes('host') && !claim.signedHeaders.includes(':authority')) {
      throw mismatch("'Host' must be a 'SignedHeader' in the AWS Authorization.");
    }
    checkScope(claim, service);
    const key = this.#keys.get(claim.accessKeyId);
    if (key === undefined) throw unknownToken();
    const { signature, ...seal } = this.#sign(request, claim, key, form);
    if (!isSame(signature, claim.signature)) {
      throw mismatch(
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
          'and signing method. Consult the service documentation for details.',
        'signature',
      );
    }
    if (!isSame(key.sessionToken ?? '', claim.sessionToken ?? '')) throw unknownToken();
    const { accessKeyId, region } = claim;
    return { caller: key.caller, accessKeyId, region, service, seal: { signature, ...seal } };
  }

  #checkTime({ timestamp, expires }: Claim): void {
    const now = this.#clock.now();
    const signedAt = parseTime(timestamp);
    const shown = formatTime(now);
    if (!(signedAt <= now + skewMs)) {
      const latest = formatTime(now + skewMs);
      throw mismatch(
        `Signature not yet current: ${timestamp} is still later than ${latest} (${shown} + ${skewMinutes} min.)`,
        'time',
      );
    }
    if (expires !== undefined) {
      if (now > signedAt + expires * 1000) throw expired();
      return;
    }
    if (signedAt >= now - skewMs) return;
    const earliest = formatTime(now - skewMs);
    throw mismatch(
      `Signature expired: ${timestamp} is now earlier than ${earliest} (${shown} - ${skewMinutes} min.)`,
      'time',
    );
  }

  /** A body that is not here yet is taken to be what the request says; whoever reads it has to see whether it is. */
  #sign(
    request: Signable & { readonly body?: Buffer },
    claim: Claim,
    { secretAccessKey }: AccessKey,
    form: PathForm | undefined,
  ): Seal {
    const { date, region, service, timestamp, signedHeaders, payloadHash: said } = claim;
    const isThere = form !== 'as-sent' && said !== unsignedPayload;
    const payloadHash = isThere ? hash('sha256', request.body ?? '', 'hex') : (said ?? unsignedPayload);
    const canonical = canonicalRequest(request, signedHeaders, payloadHash, form);
    const scope = `${date}/${region}/${service}/${terminator}`;
    const text = `${algorithm}\n${timestamp}\n${scope}\n${hash('sha256', canonical, 'hex')}`;
    const key = this.#signingKey(claim, scope, secretAccessKey);
    return { signature: hmac(key, text).toString('hex'), timestamp, scope, key };
  }

  #signingKey({ accessKeyId, date, region, service }: Claim, scope: string, secret: string): Buffer {
    const name = `${accessKeyId}/${scope}`;
    let key = this.#signingKeys.get(name);
    if (key === undefined) {
      key = [region, service, terminator].reduce(hmac, hmac(`AWS4${secret}`, date));
      if (this.#signingKeys.size >= mostSigningKeys) this.#signingKeys.clear();
      this.#signingKeys.set(name, key);
    }
    return key;
  }
}

/** All that is wrong with it, in one message. */
function checkScope({ date, region, service, terminator: end, timestamp }: Claim, wanted: string): void {
  const wrong: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(region)) {
    wrong.push(`Credential should be scoped to a valid region, not '${region}'. `);
  }
  if (service !== wanted) wrong.push(`Credential should be scoped to correct service: '${wanted}'. `);
  if (end !== terminator) {
    wrong.push(`Credential should be scoped with a valid terminator: '${terminator}', not '${end}'. `);
  }
  const day = timestamp.slice(0, 8);
  if (date !== day) {
    wrong.push(
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ' +
        `'${date}' != '${day}', from '${timestamp}'.`,
    );
  }
  if (wrong.length > 0) throw mismatch(wrong.join(''));
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Takes as long wherever they differ. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
