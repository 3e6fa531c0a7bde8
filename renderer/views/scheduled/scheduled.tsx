// Messages that wait for their time: delayed once, repeated, or by cron; and the means to cancel one.

import { useMemo, useState } from 'react';
import type { ScheduledRow } from '../../../broker/control/api-messages.ts';
import { useConsole, useLive } from '../../client/console.tsx';
import { useAnswer } from '../../client/use-answer.ts';
import { Badge } from '../../components/badge.tsx';
import { Command } from '../../components/command.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataGrid } from '../../components/data-grid.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBox } from '../../components/filter-box.tsx';
import type { Column } from '../../components/grid-types.ts';
import { useNotice } from '../../components/notices.tsx';
import { count, dateAndTime, duration, plural } from '../../format.ts';
import { hrefOf, replaceParameters, useRoute } from '../../router.ts';
import { parseSort, sortParameter } from '../../sort-parameter.ts';
import { previewOf } from '../destination/body-formats.ts';

const everyMs = 2_000;
const everything = {};

const example =
  String.raw`printf 'CONNECT\naccept-version:1.2\nhost:/\n\n\000` +
  String.raw`SEND\ndestination:/queue/orders\nAMQ_SCHEDULED_DELAY:60000\n\nhello\000' | nc -q 1 `;

export function Scheduled() {
  const { overview, at } = useLive();
  const { parameters } = useRoute();
  const { answer, failure, askAgain } = useAnswer('scheduled', everything, everyMs);
  const [leaving, setLeaving] = useState<ScheduledRow>();
  const query = parameters.get('q') ?? '';
  const sort = useMemo(() => parseSort(parameters.get('sort'), 'due'), [parameters]);
  // To the second: the column is of durations, and so changes with them.
  const now = Math.floor(at / 1000) * 1000;
  const columns = useMemo(() => scheduledColumns(now, setLeaving), [now]);
  const messages = answer?.messages;
  const rows = useMemo(() => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return (messages ?? [])
      .filter((row) => words.every((word) => textOf(row).includes(word)))
      .map((item) => ({ id: item.key, item }));
  }, [messages, query]);
  const { host = '127.0.0.1', port = 61_613 } = overview?.listeners['stomp'] ?? {};

  return (
    <section className="view view-filled" aria-labelledby="view-title">
      <div className="view-head">
        <h1 id="view-title" tabIndex={-1}>
          Scheduled
        </h1>
        <FilterBox
          value={query}
          onChange={(q) => replaceParameters({ q })}
          label="Filter scheduled messages"
          placeholder="Filter: orders cron"
          hint="Words of the destination, the identifier, or when it is sent"
        />
        <output className={`view-head-end ${failure === undefined ? 'soft' : 'error-text'}`}>
          {failure ?? summaryOf(rows.length, messages?.length, overview?.scheduled ?? 0, query)}
        </output>
      </div>
      <div className="panel panel-grid">
        <DataGrid
          label="Scheduled messages"
          columns={columns}
          rows={rows}
          sort={sort}
          onSort={(next) => replaceParameters({ sort: sortParameter(next) })}
          empty={
            messages === undefined ? null : messages.length > 0 ? (
              <EmptyState title="No scheduled message matches the filter" />
            ) : (
              <EmptyState title="Nothing waits for its time">
                <p>
                  Messages with <code>AMQ_SCHEDULED_DELAY</code>, <code>AMQ_SCHEDULED_PERIOD</code> or{' '}
                  <code>AMQ_SCHEDULED_CRON</code> are listed here until they are sent. This one comes in a minute:
                </p>
                <Command command={`${example}${host} ${port}`} />
              </EmptyState>
            )
          }
        />
      </div>
      {leaving !== undefined && (
        <CancelDialog row={leaving} onClose={() => setLeaving(undefined)} onCancelled={askAgain} />
      )}
    </section>
  );
}

interface CancelDialogProps {
  readonly row: ScheduledRow;
  readonly onCancelled: () => void;
  readonly onClose: () => void;
}

function CancelDialog({ row, onCancelled, onClose }: CancelDialogProps) {
  const { engine } = useConsole();
  const tell = useNotice();
  return (
    <ConfirmDialog
      title="Cancel this message?"
      action="Cancel the message"
      dismiss="Keep it"
      onClose={onClose}
      onConfirm={async () => {
        await engine.call('cancelScheduled', { key: row.key });
        tell(`Cancelled the message to ${row.to}`);
        onCancelled();
      }}
    >
      <p>
        It will not be sent to <code>{row.to}</code> at {dateAndTime(row.dueAt)}
        {isOnce(row) ? '' : ', nor at any later time'}. It is deleted for good.
      </p>
    </ConfirmDialog>
  );
}

function summaryOf(shown: number, listed: number | undefined, waiting: number, query: string): string {
  if (listed === undefined) return 'Reading…';
  if (query !== '') return `${count(shown)} of ${count(listed)}`;
  return waiting > listed && listed >= 1000
    ? `the first ${count(listed)} of ${count(waiting)}`
    : plural(listed, 'message');
}

function scheduledColumns(now: number, cancel: (row: ScheduledRow) => void): readonly Column<ScheduledRow>[] {
  return [
    {
      id: 'to',
      header: 'Destination',
      width: 14,
      grows: true,
      sortValue: ({ to }) => to,
      cell: ({ to }) => <Target to={to} />,
    },
    {
      id: 'due',
      header: 'Due in',
      width: 7,
      numeric: true,
      sortValue: ({ dueAt }) => dueAt,
      cell: ({ dueAt }) => <span title={dateAndTime(dueAt)}>{duration(dueAt - now)}</span>,
    },
    {
      id: 'at',
      header: 'Due at',
      width: 11,
      spare: true,
      sortValue: ({ dueAt }) => dueAt,
      cell: ({ dueAt }) => dateAndTime(dueAt),
    },
    {
      id: 'schedule',
      header: 'Sent',
      width: 12,
      sortValue: (row) => scheduleOf(row),
      cell: (row) =>
        isOnce(row) ? <span className="soft">once</span> : <Badge tone="neutral">{scheduleOf(row)}</Badge>,
    },
    {
      id: 'body',
      header: 'Body',
      width: 10,
      grows: true,
      cell: (row) => <code className="truncate">{previewOf(row)}</code>,
    },
    {
      id: 'id',
      header: 'Id',
      width: 10,
      spare: true,
      sortValue: ({ id }) => id,
      cell: ({ id }) => (
        <span className="truncate soft" title={id}>
          {id}
        </span>
      ),
    },
    {
      id: 'cancel',
      header: 'Action',
      width: 6,
      cell: (row) => (
        <button type="button" className="button button-quiet button-in-row" tabIndex={-1} onClick={() => cancel(row)}>
          Cancel<span className="visually-hidden"> the message to {row.to}</span>
        </button>
      ),
    },
  ];
}

/** A link where there is something to look at. */
function Target({ to }: { readonly to: string }) {
  const [, kind, name = ''] = /^(queue|topic|temp-queue|temp-topic):\/\/(.*)$/s.exec(to) ?? [];
  const id = kind === 'queue' ? `mq:${name}` : kind === 'topic' ? `topic:${name}` : undefined;
  const { destinations } = useLive();
  if (id === undefined || destinations.get(id) === undefined) return <span className="truncate">{to}</span>;
  return (
    <a href={hrefOf('destinations', id)} tabIndex={-1} title={to}>
      {to}
    </a>
  );
}

function isOnce({ cron, repeat }: ScheduledRow): boolean {
  return cron === undefined && repeat === undefined;
}

function scheduleOf({ cron, repeat, periodMs = 0 }: ScheduledRow): string {
  const every = periodMs < 1000 ? `${periodMs} ms` : duration(periodMs);
  const repetition =
    repeat === undefined ? '' : repeat < 0 ? `every ${every}` : `every ${every}, ${count(repeat)} more`;
  return [cron === undefined ? '' : `cron ${cron}`, repetition].filter(Boolean).join('; ') || 'once';
}

function textOf(row: ScheduledRow): string {
  return `${row.to} ${row.id} ${scheduleOf(row)}`.toLowerCase();
}
