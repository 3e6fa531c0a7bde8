// The figures of one destination: those that its kind has.

import type { DestinationRow } from '../../../broker/control/api.ts';
import type { Rated } from '../../client/rated-table.ts';
import { bytes, count, duration, perSecond } from '../../format.ts';

/** Name, value, and whether it is a bad sign. */
type Figure = readonly [name: string, value: string, isBad?: boolean];

export function Figures({ rated }: { readonly rated: Rated<DestinationRow> }) {
  return (
    <dl className="panel destination-figures">
      {figuresOf(rated).map(([name, value, isBad = false]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={isBad ? 'error-text' : value === '0' ? 'zero' : ''}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function figuresOf({ row, inRate, outRate }: Rated<DestinationRow>): readonly Figure[] {
  switch (row.kind) {
    case 'topic':
      return [
        [row.world === 'aws' ? 'Published' : 'Received', count(row.enqueued)],
        ['Subscriptions', count(row.consumers)],
        ['In/s', perSecond(inRate)],
      ];
    case 'stream':
      return [
        ['Shards', count(row.shards ?? 0)],
        ['Retention', duration(row.retentionMs ?? 0)],
        ['Put', count(row.enqueued)],
        ['Bytes in', bytes(row.bytesIn ?? 0)],
        ['In/s', perSecond(inRate)],
        ['Read', count(row.dequeued)],
        ['Bytes out', bytes(row.bytesOut ?? 0)],
        ['Out/s', perSecond(outRate)],
      ];
    default:
      return [
        ['Ready', count(row.ready)],
        ['In flight', count(row.inFlight)],
        ['Delayed', count(row.delayed)],
        ['Dead', count(row.dead), row.dead > 0],
        ['Expired', count(row.expired)],
        ['Consumers', count(row.consumers)],
        ['In/s', perSecond(inRate)],
        ['Out/s', perSecond(outRate)],
      ];
  }
}
