// The columns of the table of destinations.

import type { DestinationRow } from '../../../broker/control/api.ts';
import type { Rated } from '../../client/rated-table.ts';
import { WorldMark } from '../../components/badge.tsx';
import type { Column } from '../../components/grid-types.ts';
import { count, perSecond } from '../../format.ts';
import { hrefOf } from '../../router.ts';

type Destination = Rated<DestinationRow>;

export const destinationColumns: readonly Column<Destination>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 10.5,
    grows: true,
    sortValue: ({ row }) => row.name,
    cell: ({ row }) => (
      <>
        <span className="only-narrow">
          <WorldMark world={row.world} />
        </span>
        <a href={hrefOf('destinations', row.id)} tabIndex={-1} title={row.name}>
          {row.name}
        </a>
      </>
    ),
  },
  {
    id: 'world',
    header: 'World',
    hint: 'Broker: destinations of AMQP, MQTT and STOMP. AWS: local, AWS-compatible resources.',
    width: 5.5,
    spare: true,
    sortValue: ({ row }) => row.world,
    cell: ({ row }) => <WorldMark world={row.world} />,
  },
  {
    id: 'kind',
    header: 'Kind',
    width: 6.75,
    spare: true,
    sortValue: ({ row }) => row.kind,
    cell: ({ row }) => <span className="truncate soft">{row.kind}</span>,
  },
  figure('ready', 'Ready', 'Messages waiting to be delivered', ({ row }) => row.ready),
  figure('inFlight', 'In flight', 'Delivered, and not yet acknowledged or deleted', ({ row }) => row.inFlight),
  figure('delayed', 'Delayed', 'Waiting for their time', ({ row }) => row.delayed),
  figure('dead', 'Dead', 'Moved to a dead-letter queue since the engine started', ({ row }) => row.dead, true),
  figure('consumers', 'Consumers', 'Consumers connected now', ({ row }) => row.consumers),
  rate('in', 'In/s', 'Messages a second that came in', ({ inRate }) => inRate),
  rate('out', 'Out/s', 'Messages a second that were settled', ({ outRate }) => outRate),
];

type Value = (destination: Destination) => number;

function figure(id: string, header: string, hint: string, value: Value, alarming = false): Column<Destination> {
  return {
    id,
    header,
    hint,
    width: id === 'consumers' ? 6.5 : 5.75,
    numeric: true,
    sortValue: value,
    cell: (destination) => {
      const amount = value(destination);
      const className = amount === 0 ? 'zero' : alarming ? 'error-text' : '';
      return <span className={className}>{count(amount)}</span>;
    },
  };
}

function rate(id: string, header: string, hint: string, value: Value): Column<Destination> {
  return {
    id,
    header,
    hint,
    width: 5.25,
    numeric: true,
    sortValue: value,
    cell: (destination) => {
      const amount = value(destination);
      return <span className={amount === 0 ? 'zero' : ''}>{perSecond(amount)}</span>;
    },
  };
}
