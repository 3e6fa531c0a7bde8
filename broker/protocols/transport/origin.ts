// Which web pages may open a WebSocket: a browser lets any page try, and says in Origin whose page it is (RFC 6455, 10.2).

import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Programs send no Origin. Of pages, those of this machine and of the host that the broker is reached by are let in, and
 * the origins that `allowed` names; `*` there is every page.
 * @param ownAddress the address of this end of the connection.
 */
export function isAllowedOrigin(
  { origin, host }: IncomingHttpHeaders,
  allowed: ReadonlySet<string>,
  ownAddress: string | undefined,
): boolean {
  if (origin === undefined || allowed.has('*') || allowed.has(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const { hostname, protocol } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  if (isLoopbackName(hostname)) return true;
  const reachedBy = URL.canParse(`http://${host ?? ''}`) ? new URL(`http://${host}`).hostname : undefined;
  if (hostname !== reachedBy) return false;
  // A foreign page can point a name of its own at loopback (DNS rebinding), but not an address.
  return !isLoopbackAddress(ownAddress) || isAddress(hostname);
}

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || isLoopbackAddress(name);
}

function isLoopbackAddress(address = ''): boolean {
  return /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address) || address === '::1' || address === '[::1]';
}

function isAddress(name: string): boolean {
  return isIP(name) !== 0 || (name.startsWith('[') && name.endsWith(']'));
}
