// The columns of the table of destinations.

import type { DestinationRow } from '../../../broker/control/api.ts';
import type { Rated } from '../../client/rated-table.ts';
import { WorldMark } from '../../components/badge.tsx';
import type { Column } from '../../components/grid-types.ts';
import { count, perSecond } from '../../format.ts';
import { hrefOf } from '../../router.ts';
import { asideOf, kindOf } from './kind.ts';

type Destination = Rated<DestinationRow>;

export const destinationColumns: readonly Column<Destination>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 10.5,
    grows: true,
    sortValue: ({ row }) => row.name,
    cell: ({ row }) => <Name row={row} />,
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
    width: 10.25,
    spare: true,
    sortValue: ({ row }) => `${row.kind} ${row.variant ?? ''}`,
    cell: ({ row }) => (
      <span className="truncate soft" title={kindOf(row)}>
        {kindOf(row)}
      </span>
    ),
  },
  figure('ready', 'Ready', 'Messages waiting to be delivered', ({ row }) => row.ready, holds),
  figure('inFlight', 'In flight', 'Delivered, and not yet acknowledged or deleted', ({ row }) => row.inFlight, holds),
  figure('delayed', 'Delayed', 'Waiting for their time', ({ row }) => row.delayed, holds),
  figure('dead', 'Dead', 'Moved to a dead-letter queue since the engine started', ({ row }) => row.dead, holds),
  figure(
    'consumers',
    'Consumers',
    'Consumers connected now; of a topic its subscriptions, of a stream those registered with it',
    ({ row }) => row.consumers,
  ),
  rate('in', 'In/s', 'Messages, or records, a second that came in', ({ inRate }) => inRate),
  rate(
    'out',
    'Out/s',
    'Messages a second that were settled, or records that were read',
    ({ outRate }) => outRate,
    passes,
  ),
];

function Name({ row }: { readonly row: DestinationRow }) {
  const aside = asideOf(row);
  return (
    <>
      <span className="only-narrow">
        <WorldMark world={row.world} />
      </span>
      <a href={hrefOf('destinations', row.id)} tabIndex={-1} title={row.name}>
        {row.name}
      </a>
      {aside !== '' && (
        <span className="truncate cell-aside" title={aside}>
          {aside}
        </span>
      )}
    </>
  );
}

/** Topics hold no messages, and those of a stream wait for nobody. */
function holds({ row }: Destination): boolean {
  return row.kind === 'queue' || row.kind === 'subscription';
}

/** What is published to a topic leaves from its subscriptions. */
function passes({ row }: Destination): boolean {
  return row.kind !== 'topic';
}

function always(): boolean {
  return true;
}

type Value = (destination: Destination) => number;

type Applies = (destination: Destination) => boolean;

/** `applies`: whether there is such a figure at all. */
function figure(
  id: string,
  header: string,
  hint: string,
  value: Value,
  applies: Applies = always,
): Column<Destination> {
  return {
    id,
    header,
    hint,
    width: id === 'consumers' ? 6.5 : 5.75,
    numeric: true,
    sortValue: value,
    cell: (destination) => {
      if (!applies(destination)) return null;
      const amount = value(destination);
      const className = amount === 0 ? 'zero' : id === 'dead' ? 'error-text' : '';
      return <span className={className}>{count(amount)}</span>;
    },
  };
}

function rate(id: string, header: string, hint: string, value: Value, applies: Applies = always): Column<Destination> {
  return {
    id,
    header,
    hint,
    width: 5.25,
    numeric: true,
    sortValue: value,
    cell: (destination) => {
      if (!applies(destination)) return null;
      const amount = value(destination);
      return <span className={amount === 0 ? 'zero' : ''}>{perSecond(amount)}</span>;
    },
  };
}
