// Who may talk to the console's port: the token, the Host header and the Origin, each checked before anything else
// is read. What the methods may then be asked is requests.ts's.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const tokenSubprotocol = 'bearer.';

/** Compares in constant time: how long it takes says nothing about the token, nor about its length. */
export class TokenCheck {
  readonly #digest: Buffer;

  constructor(token: string) {
    this.#digest = digest(token);
  }

  accepts(candidate: string | undefined): boolean {
    return candidate !== undefined && timingSafeEqual(digest(candidate), this.#digest);
  }
}

/** `Authorization: Bearer TOKEN` [RFC 6750, 2.1]. */
export function bearerToken(request: IncomingMessage): string | undefined {
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token;
}

/** Browsers cannot set headers of a WebSocket's request; a subprotocol is what they can send. */
export function subprotocolToken(request: IncomingMessage): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.find((name) => name.startsWith(tokenSubprotocol))?.slice(tokenSubprotocol.length);
}

/**
 * False for a name that is not this console's. A foreign page can point a name of its own at this address (DNS
 * rebinding) and would then be of the same origin; it cannot do that with an IP address or with `localhost`.
 */
export function isOwnHost(request: IncomingMessage, names: ReadonlySet<string>): boolean {
  const host = hostName(request.headers.host ?? '');
  return host !== undefined && (host === 'localhost' || isIP(host) !== 0 || names.has(host));
}

/** False where a browser says that a page of another origin is asking. Programs send no Origin. */
export function isOwnOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

/** The name or address in `NAME:PORT` or `[IPv6]:PORT`, in lower case. */
function hostName(host: string): string | undefined {
  const [, ipv6, name] = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return (ipv6 ?? name)?.toLowerCase();
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
