// The ERROR frame (STOMP 1.2, "ERROR"): a short description in the header `message`, and a body that shows the frame it is
// about.

import type { BrokerError } from '../../core/errors.ts';
import { encodeHead } from './wire/encoder.ts';
import type { Frame } from './wire/frame.ts';
import type { Version } from './wire/version.ts';

export interface About {
  /** The frame that it is about, if it is about one. */
  readonly frame?: Frame | undefined;
  /** "If the frame included a receipt header, the ERROR frame SHOULD set the receipt-id header to match." */
  readonly receipt?: string | undefined;
  readonly headers?: readonly (readonly [string, string])[];
}

const longestMessage = 500;
const longestBody = 4000;
const secrets: ReadonlySet<string> = new Set(['passcode']);

export function errorFrame(error: BrokerError, about: About, version: Version): { head: string; body: Buffer } {
  const body = Buffer.from(`${explain(error, about.frame).slice(0, longestBody)}\n`);
  const receipt = about.receipt ?? about.frame?.headers.get('receipt');
  const headers: (readonly [string, string])[] = [
    ['message', error.message.slice(0, longestMessage)],
    // With the charset, not bare: at `text/plain` alone, stompit 1.0 throws where no client can catch it.
    ['content-type', 'text/plain;charset=utf-8'],
    ['content-length', String(body.length)],
    ...(receipt === undefined ? [] : [['receipt-id', receipt] as const]),
    ...(about.headers ?? []),
  ];
  return { head: encodeHead('ERROR', headers, version), body };
}

function explain(error: BrokerError, frame: Frame | undefined): string {
  if (frame === undefined) return error.message;
  const lines = [frame.command];
  for (const [name, value] of frame.headers) lines.push(`${name}:${secrets.has(name) ? '…' : value}`);
  return `${error.message}\n\nThe frame, without its body:\n-----\n${lines.join('\n')}\n-----`;
}
