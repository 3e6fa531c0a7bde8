// Addresses of a route's ends in the configuration: `SCHEME://NAME`, of this engine, or `SCHEME://NAME@REMOTE`.

import { splitAddress } from './bridge/place.ts';
import { parseAddress } from './core/address.ts';

const schemes = ['queue', 'topic', 'sqs', 'sns', 'kinesis'] as const;
export type Scheme = (typeof schemes)[number];

/** What AWS takes as the name of each; the suffix tells the kind. */
const awsNames: Readonly<Record<'sqs' | 'sns' | 'kinesis', RegExp>> = {
  sqs: /^(?=.{1,80}$)[\w-]+(\.fifo)?$/,
  sns: /^(?=.{1,256}$)[\w-]+(\.fifo)?$/,
  kinesis: /^[\w.-]{1,128}$/,
};

export interface End {
  readonly scheme: Scheme;
  readonly name: string;
  /** Undefined: it is of this engine. */
  readonly remote: string | undefined;
}

/** `SCHEME://NAME`, or `SCHEME://NAME@REMOTE`. @throws Error. */
export function readEnd(address: string): End {
  const at = address.indexOf('://');
  const scheme = schemes.find((candidate) => candidate === address.slice(0, Math.max(at, 0)));
  if (scheme === undefined) throw new Error(`expected ${schemes.map((name) => `${name}://NAME`).join(', ')}`);
  const { place, remote } = splitAddress(address);
  const name = place.slice(at + 3);
  if (remote === '') throw new Error('expected the name of a remote after the last @');
  if (scheme === 'queue' || scheme === 'topic') parseAddress(place);
  else if (!awsNames[scheme].test(name)) throw new Error(`expected ${scheme}:// and the name of a ${awsKinds[scheme]}`);
  return { scheme, name, remote };
}

const awsKinds = { sqs: 'queue', sns: 'topic', kinesis: 'stream' } as const;
