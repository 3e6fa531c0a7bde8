// What has become of a mail at the SMTP relay: in a word, and in a sentence.

import type { MailRelay } from '../../../broker/control/api-cloud.ts';
import type { Tone } from '../../components/badge.tsx';
import { Badge } from '../../components/badge.tsx';
import { dateAndTime, duration, plural } from '../../format.ts';

const words: Readonly<Record<MailRelay['state'], { readonly tone: Tone; readonly text: string }>> = {
  waiting: { tone: 'caution', text: 'waiting' },
  sent: { tone: 'good', text: 'sent' },
  failed: { tone: 'bad', text: 'failed' },
};

export function RelayBadge({ relay: { state, reason } }: { readonly relay: MailRelay }) {
  const { tone, text } = words[state];
  return (
    <Badge tone={tone} title={reason}>
      {text}
    </Badge>
  );
}

/** `now`: the engine's time. */
export function storyOf({ state, at, attempts, reason = '', nextAt }: MailRelay, now: number): string {
  const said = reason === '' ? '' : `: ${reason}`;
  if (state === 'sent') return `${dateAndTime(at)}${said}`;
  const tries = plural(attempts, 'attempt');
  if (state === 'failed') return attempts === 0 ? `not sent${said}` : `given up after ${tries}${said}`;
  if (nextAt === undefined) return 'for its turn';
  const next = nextAt > now ? `in ${duration(nextAt - now)}` : 'as soon as the relay is tried';
  return `${tries}${said}. Tried again ${next}`;
}
