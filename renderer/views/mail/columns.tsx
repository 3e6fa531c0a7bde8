// The columns of the mailbox.

import type { MailRow } from '../../../broker/control/api-cloud.ts';
import type { Column } from '../../components/grid-types.ts';
import { dateAndTime, timeOrDay } from '../../format.ts';
import { RelayBadge } from './relay-badge.tsx';
import { kindOf, lineOf, topicOf } from './kinds.ts';

/** `relayed`: some of them go out by the relay. */
export function mailColumns(relayed: boolean): readonly Column<MailRow>[] {
  return relayed ? columns : columns.filter(({ id }) => id !== 'relay');
}

const columns: readonly Column<MailRow>[] = [
  {
    id: 'line',
    header: 'Subject',
    hint: 'Or else the first line',
    width: 11,
    grows: true,
    cell: (mail) => (
      <span className="truncate" title={lineOf(mail)}>
        {lineOf(mail)}
      </span>
    ),
  },
  {
    id: 'kind',
    header: 'Kind',
    width: 4.25,
    cell: (mail) => <span className="soft">{kindOf(mail)}</span>,
  },
  {
    id: 'to',
    header: 'To',
    width: 9,
    grows: true,
    cell: ({ to }) => (
      <span className="truncate" title={to}>
        {shortOf(to)}
      </span>
    ),
  },
  {
    id: 'topic',
    header: 'Topic',
    width: 6.5,
    spare: true,
    cell: (mail) => (
      <span className="truncate soft" title={mail.topicArn}>
        {topicOf(mail)}
      </span>
    ),
  },
  {
    id: 'relay',
    header: 'Relay',
    hint: 'Whether the SMTP relay has taken it',
    width: 5.5,
    cell: ({ relay }) => (relay === undefined ? null : <RelayBadge relay={relay} />),
  },
  {
    id: 'at',
    header: 'Time',
    width: 5.75,
    numeric: true,
    cell: ({ at }) => <span title={dateAndTime(at)}>{timeOrDay(at, Date.now())}</span>,
  },
];

/** Of an endpoint's ARN, what differs: its application and itself. */
function shortOf(to: string): string {
  return to.startsWith('arn:') ? to.split(':').slice(5).join(':') : to;
}
