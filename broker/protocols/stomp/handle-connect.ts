// CONNECT and STOMP (STOMP 1.2, "Connecting"): which version is spoken, whose heart-beats are kept, and who it is.

import type { Access, Credentials, Peer, Principal } from '../../core/access.ts';
import { BrokerError } from '../../core/errors.ts';
import { negotiateHeartBeats } from './heart-beat.ts';
import type { HeartBeats } from './heart-beat.ts';
import type { Frame } from './wire/frame.ts';
import { versions } from './wire/version.ts';
import type { Version } from './wire/version.ts';

export interface Offer {
  readonly version: Version;
  readonly heartBeats: HeartBeats;
  readonly credentials: Credentials | undefined;
  readonly clientId: string | undefined;
}

/** What ERROR says when no version fits. */
export const supportedVersions = versions.join(',');

/**
 * Reads the frame. `host` is not looked at: there are no virtual hosts.
 * @returns undefined if client and server have no version in common.
 * @throws BrokerError `invalid`.
 */
export function readConnect(frame: Frame): Offer | undefined {
  const { command, headers } = frame;
  if (command !== 'CONNECT' && command !== 'STOMP') {
    throw new BrokerError('invalid', `expected CONNECT or STOMP, not "${command}"`);
  }
  const version = negotiateVersion(headers.get('accept-version'));
  if (version === undefined) return undefined;
  const heartBeats = negotiateHeartBeats(headers.get('heart-beat'));
  const user = plain(headers.get('login'), version);
  const password = plain(headers.get('passcode'), version);
  const credentials = user === undefined ? undefined : { user, password: Buffer.from(password ?? '') };
  return { version, heartBeats, credentials, clientId: plain(headers.get('client-id'), version) };
}

/** "The highest protocol version that both the client and server have in common." */
function negotiateVersion(accepted: string | undefined): Version | undefined {
  // "If the accept-version header is missing, it means that the client only supports version 1.0."
  if (accepted === undefined) return '1.0';
  const offered = new Set(accepted.split(',').map((version) => version.trim()));
  return versions.find((version) => offered.has(version));
}

/** In 1.0 spaces around a value are padding, which is only known now. */
function plain(value: string | undefined, version: Version): string | undefined {
  return version === '1.0' ? value?.trim() : value;
}

/** @throws BrokerError `unauthorized`. */
export async function authenticate(access: Access, peer: Peer, { credentials }: Offer): Promise<Principal> {
  const principal = await access.authenticate(peer, credentials);
  if (principal !== undefined) return principal;
  throw new BrokerError(
    'unauthorized',
    credentials === undefined ? 'login and passcode are needed' : 'login or passcode is wrong',
  );
}

/** The headers of CONNECTED. `request-id` and `receipt` are ActiveMQ's way to tell answers apart, older than 1.1. */
export function connectedHeaders(frame: Frame, offer: Offer, sessionId: string): [string, string][] {
  const headers: [string, string][] = [
    ['version', offer.version],
    ['session', sessionId],
    ['server', 'Causeway'],
    ['heart-beat', offer.heartBeats.header],
  ];
  const request = plain(frame.headers.get('request-id') ?? frame.headers.get('receipt'), offer.version);
  if (request !== undefined) headers.push(['response-id', request], ['receipt-id', request]);
  return headers;
}
