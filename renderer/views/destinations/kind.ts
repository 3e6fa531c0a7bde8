// What a destination is, in a word or two, and what is to be known of it beside its name.

import type { DestinationRow } from '../../../broker/control/api.ts';
import { bytes, duration, plural } from '../../format.ts';

export const kinds = [
  { value: 'all', label: 'All kinds' },
  { value: 'queue', label: 'Queues' },
  { value: 'topic', label: 'Topics' },
  { value: 'subscription', label: 'Subscriptions' },
  { value: 'stream', label: 'Streams' },
] as const satisfies readonly { value: 'all' | DestinationRow['kind']; label: string }[];

/** `FIFO queue`, `durable subscription`. */
export function kindOf({ kind, variant }: DestinationRow): string {
  if (variant === 'session') return 'MQTT session';
  if (variant === 'durable shared') return 'durable and shared';
  return variant === undefined ? kind : `${variant === 'fifo' ? 'FIFO' : variant} ${kind}`;
}

/** Of a subscription whose it is and what it is to; of a stream what it holds. Empty: there is nothing to say. */
export function asideOf(row: DestinationRow): string {
  const { kind, variant, clientId, topics, shards, retentionMs, bytesIn = 0, bytesOut = 0 } = row;
  if (kind === 'stream' && shards !== undefined && retentionMs !== undefined) {
    const parts = [plural(shards, 'shard'), duration(retentionMs), `${bytes(bytesIn)} in`, `${bytes(bytesOut)} out`];
    return parts.join(', ');
  }
  const client = variant === 'session' || clientId === undefined ? '' : `of ${clientId}`;
  return [client, topics === undefined ? '' : `to ${topics}`].filter(Boolean).join(' ');
}
