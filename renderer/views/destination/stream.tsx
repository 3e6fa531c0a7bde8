// A stream: its shards with their ranges and positions, and the newest records of the one that is chosen, looked at
// without being read by anyone.

import { useMemo, useState } from 'react';
import type { DestinationRow } from '../../../broker/control/api.ts';
import type { PeekedRecord, ShardRow } from '../../../broker/control/api-cloud.ts';
import { useLive } from '../../client/console.tsx';
import { useAnswer } from '../../client/use-answer.ts';
import { Badge } from '../../components/badge.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DataGrid } from '../../components/data-grid.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import type { Column } from '../../components/grid-types.ts';
import { bytes, count, dateAndTime, duration, percent, timeOrDay } from '../../format.ts';
import { previewOf } from './body-formats.ts';
import { MessageBody } from './message-body.tsx';
import { Item } from './message-detail.tsx';
import { PageBar } from './page-bar.tsx';
import type { RecordPages } from './use-records.ts';
import { useRecords } from './use-records.ts';
import './stream.css';

const everyMs = 2_000;

interface StreamProps {
  readonly row: DestinationRow;
  /** Changes when the records are to be read again. */
  readonly written: number;
}

export function Stream({ row, written }: StreamProps) {
  const request = useMemo(() => ({ destination: row.id }), [row.id]);
  const { answer, failure } = useAnswer('describeStream', request, everyMs);
  const [chosen, setChosen] = useState<number>();
  const shards = answer?.shards ?? [];
  const shard = shards.find(({ number }) => number === chosen) ?? newestOf(shards);
  return (
    <>
      <section className="panel shards" aria-label="Shards" data-rows={Math.min(shards.length, 5)}>
        <div className="panel-head">
          <h2>Shards</h2>
          <output className={failure === undefined ? 'soft' : 'error-text'}>
            {failure ?? (answer === undefined ? 'Reading…' : summaryOf(answer))}
          </output>
        </div>
        <DataGrid
          label="Shards"
          columns={shardColumns}
          rows={shards.map((item) => ({ id: String(item.number), item }))}
          selected={shard === undefined ? undefined : String(shard.number)}
          onOpen={(number) => setChosen(Number(number))}
          empty={answer === undefined ? null : <EmptyState title="The stream has no shards yet" />}
        />
      </section>
      {shard !== undefined && <Records key={shard.number} row={row} shard={shard} written={written} />}
    </>
  );
}

interface Summarised {
  readonly status: string;
  readonly mode: string;
  readonly encrypted: boolean;
  readonly consumers: readonly string[];
}

function summaryOf({ status, mode, encrypted, consumers }: Summarised): string {
  const parts = [status.toLowerCase(), mode === 'ON_DEMAND' ? 'on demand' : 'provisioned'];
  if (encrypted) parts.push('encrypted');
  if (consumers.length > 0) parts.push(`fan-out to ${consumers.join(', ')}`);
  return parts.join(', ');
}

/** The shard that something came to last. */
function newestOf(shards: readonly ShardRow[]): ShardRow | undefined {
  return shards.reduce<ShardRow | undefined>(
    (newest, shard) => ((shard.newestAt ?? 0) > (newest?.newestAt ?? -1) ? shard : newest),
    undefined,
  );
}

interface RecordsProps extends StreamProps {
  readonly shard: ShardRow;
}

function Records({ row, shard, written }: RecordsProps) {
  const { at } = useLive();
  const pages = useRecords(row.id, shard.number, written);
  const [chosen, setChosen] = useState<number>();
  const records = pages.page?.records ?? [];
  const selected = records.find(({ position }) => position === chosen) ?? records[0];
  return (
    <div className="messages">
      <section className="panel message-list" aria-label={`Records of ${shard.id}`}>
        <PageBar pages={pages} what="Newest first" waiting={`${count(kept(shard))} records in the shard now`} />
        <DataGrid
          label="Records"
          columns={recordColumns}
          rows={records.map((item) => ({ id: String(item.position), item }))}
          selected={selected === undefined ? undefined : String(selected.position)}
          onOpen={(position) => setChosen(Number(position))}
          empty={pages.page === undefined ? null : <NoRecords shard={shard} pages={pages} />}
        />
      </section>
      <section className="panel message-panel" aria-label="Selected record">
        {selected === undefined ? (
          <p className="soft message-none">No record selected.</p>
        ) : (
          <RecordDetail key={selected.position} record={selected} shard={shard} now={at} />
        )}
      </section>
    </div>
  );
}

function NoRecords({ shard, pages }: { readonly shard: ShardRow; readonly pages: RecordPages }) {
  if (kept(shard) > 0 && pages.page?.number === 1) return <EmptyState title="Records have come: read again" />;
  return (
    <EmptyState title="No records in this shard">
      <p>
        {shard.open
          ? 'None has come, or all are older than the retention of the stream.'
          : 'It was split or merged, and all that it held is older than the retention of the stream.'}
      </p>
    </EmptyState>
  );
}

interface RecordDetailProps {
  readonly record: PeekedRecord;
  readonly shard: ShardRow;
  readonly now: number;
}

function RecordDetail({ record, shard, now }: RecordDetailProps) {
  const { partitionKey, sequenceNumber, at, position } = record;
  return (
    <div className="message-detail">
      <MessageBody message={record} title="Data" />
      <section aria-label="Record">
        <div className="message-section-head">
          <h2>Record</h2>
        </div>
        <dl className="delivery">
          <Item name="Partition key" wide>
            <code>{partitionKey}</code> <CopyButton text={partitionKey} what="partition key" />
          </Item>
          <Item name="Sequence" wide>
            <code>{sequenceNumber}</code> <CopyButton text={sequenceNumber} what="sequence number" />
          </Item>
          <Item name="Arrived" wide>
            {dateAndTime(at)}, {duration(now - at)} ago
          </Item>
          <Item name="Shard">{shard.id}</Item>
          <Item name="Position">{count(position)}</Item>
        </dl>
      </section>
    </div>
  );
}

function kept({ first, next }: ShardRow): number {
  return next - first;
}

const shardColumns: readonly Column<ShardRow>[] = [
  {
    id: 'id',
    header: 'Shard',
    width: 12,
    grows: true,
    cell: ({ id, parents }) => (
      <>
        <span className="truncate">{id}</span>
        {parents.length > 0 && (
          <span className="truncate cell-aside" title={`made of ${parents.join(' and ')}`}>
            of {parents.map((parent) => parent.replace(/^shardId-0*(?=\d)/, '')).join(' and ')}
          </span>
        )}
      </>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: 5,
    cell: ({ open }) => (open ? <span className="soft">open</span> : <Badge tone="neutral">closed</Badge>),
  },
  {
    id: 'range',
    header: 'Hash keys, hexadecimal',
    width: 13.5,
    spare: true,
    cell: ({ firstHash, lastHash }) => (
      <code className="truncate" title={`${firstHash} to ${lastHash}`}>
        {hashStart(firstHash)}… – {hashStart(lastHash)}…
      </code>
    ),
  },
  { id: 'share', header: 'Share', width: 4.75, numeric: true, cell: ({ share }) => percent(share) },
  {
    id: 'kept',
    header: 'Records',
    hint: 'Those that are kept',
    width: 6,
    numeric: true,
    cell: (shard) => <span className={kept(shard) === 0 ? 'zero' : ''}>{count(kept(shard))}</span>,
  },
  {
    id: 'positions',
    header: 'Positions',
    hint: 'Of the oldest record that is kept, and of the next one that comes',
    width: 10,
    numeric: true,
    spare: true,
    cell: ({ first, next }) => `${count(first)} – ${count(next)}`,
  },
  {
    id: 'newest',
    header: 'Newest',
    width: 6,
    numeric: true,
    cell: ({ newestAt }) =>
      newestAt === undefined ? (
        <span className="zero">none</span>
      ) : (
        <span title={dateAndTime(newestAt)}>{timeOrDay(newestAt, Date.now())}</span>
      ),
  },
];

const recordColumns: readonly Column<PeekedRecord>[] = [
  {
    id: 'data',
    header: 'Data',
    width: 9,
    grows: true,
    cell: (record) => <code className="truncate">{previewOf(record)}</code>,
  },
  {
    id: 'key',
    header: 'Partition key',
    width: 8,
    cell: ({ partitionKey }) => (
      <span className="truncate" title={partitionKey}>
        {partitionKey}
      </span>
    ),
  },
  {
    id: 'at',
    header: 'Arrived',
    width: 5.75,
    numeric: true,
    cell: ({ at }) => <span title={dateAndTime(at)}>{timeOrDay(at, Date.now())}</span>,
  },
  { id: 'size', header: 'Size', width: 5.25, numeric: true, cell: ({ bodyBytes }) => bytes(bodyBytes) },
];

/** The first eight of 32 hexadecimal digits. */
function hashStart(decimal: string): string {
  return BigInt(decimal).toString(16).padStart(32, '0').slice(0, 8);
}
