// The open performatives (part 2, section 2.7.1): what we offer and take, and what we make of the peer's.

import type { Composite, Draft } from './codec/composite.ts';
import { minMaxFrameSize } from './codec/frame-reader.ts';
import { string, symbol } from './codec/value.ts';
import { WireError } from './conditions.ts';

/** Frames that are taken, and made, at most. */
export const maxFrameSize = 128 * 1024;
/** Before the open: the specification asks for 512 octets; some clients have more to say in it. */
export const maxFrameSizeBeforeOpen = 4096;
const channelMax = 1023;
/** How long a peer may be silent; it is told half of it (2.4.5). */
export const idleTimeoutMs = 60_000;
/** Peers that want to hear of us more often than this are refused. */
const shortestIdleTimeoutMs = 100;

/** A connection may desire that its container has no other (AMQP Enforcing Connection Uniqueness). */
const soleConnection = 'sole-connection-for-container';

const capabilities = ['ANONYMOUS-RELAY', 'DELAYED_DELIVERY', 'SHARED-SUBS'];

const ourOpen: Draft<'open'> = { containerId: 'causeway', maxFrameSize, channelMax, idleTimeOut: idleTimeoutMs / 2 };

/** What goes before the close of a connection that does not come about: JMS clients wait for the close then. */
export const failedOpen: Draft<'open'> = {
  ...ourOpen,
  properties: [[symbol('amqp:connection-establishment-failed'), { type: 'boolean', value: true }]],
};

/** Our answer to the open. */
export function openFor(open: Composite<'open'>, version: string): Draft<'open'> {
  return {
    ...ourOpen,
    offeredCapabilities: isSole(open) ? [...capabilities, soleConnection] : capabilities,
    properties: [
      [symbol('product'), string('Causeway')],
      [symbol('version'), string(version)],
      [symbol('platform'), string(`Node.js ${process.versions.node}`)],
      // By these a JMS client tells a queue's address from a topic's.
      [symbol('queue-prefix'), string('queue://')],
      [symbol('topic-prefix'), string('topic://')],
    ],
  };
}

export function isSole({ desiredCapabilities }: Composite<'open'>): boolean {
  return desiredCapabilities?.includes(soleConnection) === true;
}

export interface Terms {
  /** The largest frame that we may send. */
  readonly maxFrameSize: number;
  /** Within how long the peer wants to hear of us; undefined: it does not matter to it. */
  readonly idleMs: number | undefined;
}

/** @throws WireError for terms that cannot be kept. */
export function termsOf(open: Composite<'open'>): Terms {
  if (open.maxFrameSize < minMaxFrameSize) {
    const message = `max-frame-size ${open.maxFrameSize} is below ${minMaxFrameSize}`;
    throw new WireError('connection', 'amqp:invalid-field', message, { field: 'max-frame-size' });
  }
  // Zero is as good as absent (2.7.1).
  const idleMs = open.idleTimeOut === 0 ? undefined : open.idleTimeOut;
  if (idleMs !== undefined && idleMs < shortestIdleTimeoutMs) {
    throw new WireError('connection', 'amqp:not-allowed', `idle-time-out ${idleMs} is too short`, {
      field: 'idle-time-out',
    });
  }
  return { maxFrameSize: Math.min(open.maxFrameSize, maxFrameSize), idleMs };
}

/** @throws WireError for a begin that cannot be: outside of the range that our open gave (2.7.1), or of one that we began. */
export function requireChannel(channel: number, { remoteChannel }: Composite<'begin'>): void {
  if (channel > channelMax) {
    throw new WireError('connection', 'amqp:connection:framing-error', `channel ${channel} is above ${channelMax}`);
  }
  if (remoteChannel === undefined) return;
  throw new WireError('connection', 'amqp:invalid-field', 'remote-channel in a begin that answers none');
}
