// What an attach of the peer becomes (part 2, section 2.6.3): a link with the terminus as it really is, or a refusal. What
// is asked for and not there is refused, never left out in silence.

import type { Composite, Source, Target } from './codec/composite.ts';
import { refusal } from './conditions.ts';
import type { Link } from './link.ts';
import type { Session } from './session.ts';
import { openSource } from './source.ts';
import { openTarget } from './target.ts';

const expiryPolicies: ReadonlySet<string> = new Set(['link-detach', 'session-end', 'connection-close', 'never']);

/** @throws WireError of scope link, or another BrokerError, for what cannot be attached. */
export function openLink(session: Session, attach: Composite<'attach'>): Link {
  const { sndSettleMode, rcvSettleMode, role } = attach;
  if (sndSettleMode > 2) throw refusal('amqp:invalid-field', `snd-settle-mode ${sndSettleMode}`, 'snd-settle-mode');
  if (rcvSettleMode > 1) throw refusal('amqp:invalid-field', `rcv-settle-mode ${rcvSettleMode}`, 'rcv-settle-mode');
  requireTerminus(attach.source);
  if (attach.target?.kind === 'target') requireTerminus(attach.target);
  return role ? openSource(session, attach) : openTarget(session, attach);
}

/** Of the values that there are (3.5.5, 3.5.6), whatever becomes of what is asked for. */
function requireTerminus(terminus: Source | Target | undefined): void {
  if (terminus === undefined) return;
  const { durable, expiryPolicy } = terminus;
  if (durable > 2) throw refusal('amqp:invalid-field', `durability ${durable}`, 'durable');
  if (expiryPolicies.has(expiryPolicy)) return;
  throw refusal('amqp:invalid-field', `expiry-policy ${expiryPolicy}`, 'expiry-policy');
}
