// A word in a coloured field: states and worlds. The word carries the meaning, the colour only helps to find it.

import type { DestinationRow } from '../../broker/control/api.ts';
import './badge.css';

export type Tone = 'neutral' | 'good' | 'caution' | 'bad' | 'mq' | 'aws';

interface BadgeProps {
  readonly tone: Tone;
  readonly children: string;
  readonly dot?: boolean;
  readonly title?: string | undefined;
}

export function Badge({ tone, children, dot = false, title }: BadgeProps) {
  return (
    <span className="badge" data-tone={tone} title={title}>
      {dot && <span className="badge-dot" aria-hidden="true" />}
      {children}
    </span>
  );
}

const worlds = {
  mq: 'Broker',
  aws: 'AWS',
} as const;

/** The same, quieter: for tables, where it stands in every row. */
export function WorldMark({ world }: { readonly world: DestinationRow['world'] }) {
  return (
    <span className="world-mark" data-world={world}>
      {worlds[world]}
    </span>
  );
}

export function WorldBadge({ world }: { readonly world: DestinationRow['world'] }) {
  return <Badge tone={world}>{worlds[world]}</Badge>;
}
