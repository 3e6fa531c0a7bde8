// What waits in a queue, page by page, without consuming it; beside the list, the message that is looked at.

import { useState } from 'react';
import type { DestinationRow, PeekedMessage } from '../../../broker/control/api.ts';
import { useLive } from '../../client/console.tsx';
import { Badge } from '../../components/badge.tsx';
import { DataGrid } from '../../components/data-grid.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import type { Column } from '../../components/grid-types.ts';
import { Icon } from '../../components/icons.tsx';
import { bytes, count, dateAndTime, time, timeOrDay } from '../../format.ts';
import { decodeBase64, textOf } from './body-formats.ts';
import { MessageDetail } from './message-detail.tsx';
import type { Peek } from './use-peek.ts';

const previewCharacters = 160;

interface MessagesProps {
  readonly row: DestinationRow;
  readonly peek: Peek;
}

export function Messages({ row, peek }: MessagesProps) {
  const { at } = useLive();
  const [chosen, setChosen] = useState<string>();
  const { page } = peek;
  const messages = page?.messages ?? [];
  const selected = messages.find(({ position }) => String(position) === chosen) ?? messages[0];
  const rows = messages.map((item) => ({ id: String(item.position), item }));

  return (
    <div className="messages">
      <section className="panel message-list" aria-label="Messages">
        <PageBar peek={peek} waiting={row.ready + row.delayed + row.inFlight} />
        <DataGrid
          label="Messages"
          columns={messageColumns}
          rows={rows}
          selected={selected === undefined ? undefined : String(selected.position)}
          onOpen={setChosen}
          empty={page === undefined ? null : <NoMessages row={row} />}
        />
      </section>
      <section className="panel message-panel" aria-label="Selected message">
        {selected === undefined ? (
          <p className="soft message-none">No message selected.</p>
        ) : (
          <MessageDetail key={selected.position} message={selected} now={at} />
        )}
      </section>
    </div>
  );
}

function PageBar({ peek, waiting }: { readonly peek: Peek; readonly waiting: number }) {
  const { page, busy, failure } = peek;
  return (
    <div className="panel-head page-bar">
      <output className={failure === undefined ? 'soft' : 'error-text'}>
        {failure ?? (page === undefined ? 'Reading…' : `Page ${page.number}, as of ${time(page.readAt)}`)}
        <span className="visually-hidden">, {count(waiting)} messages in the queue now</span>
      </output>
      <div className="page-buttons">
        <button type="button" className="button" disabled={busy} onClick={() => peek.read()}>
          <Icon name="refresh" /> Read again
        </button>
        <button
          type="button"
          className="button button-icon"
          aria-label="Previous page"
          disabled={busy || page === undefined || page.number === 1}
          onClick={peek.readPrevious}
        >
          <Icon name="left" />
        </button>
        <button
          type="button"
          className="button button-icon"
          aria-label="Next page"
          disabled={busy || page?.next === undefined}
          onClick={peek.readNext}
        >
          <Icon name="right" />
        </button>
      </div>
    </div>
  );
}

function NoMessages({ row }: { readonly row: DestinationRow }) {
  return (
    <EmptyState title="Nothing waits here">
      <p>
        {row.enqueued === 0
          ? 'No message has come since the engine started. Send one from here, or from a client.'
          : `${count(row.enqueued)} came since the engine started, and none is left.`}
      </p>
    </EmptyState>
  );
}

const messageColumns: readonly Column<PeekedMessage>[] = [
  {
    id: 'body',
    header: 'Body',
    width: 9,
    grows: true,
    cell: (message) => <code className="truncate">{previewOf(message)}</code>,
  },
  {
    id: 'state',
    header: 'State',
    width: 5.75,
    cell: ({ state, dead }) => {
      if (dead !== undefined) return <Badge tone="bad">dead</Badge>;
      return state === 'ready' ? <span className="soft">ready</span> : <Badge tone="caution">{state}</Badge>;
    },
  },
  {
    id: 'attempts',
    header: 'Tries',
    hint: 'Deliveries that failed, or receives',
    width: 3.75,
    numeric: true,
    cell: ({ attempts }) => <span className={attempts === 0 ? 'zero' : ''}>{count(attempts)}</span>,
  },
  {
    id: 'age',
    header: 'Sent',
    width: 5.75,
    numeric: true,
    cell: ({ timestamp }) => <span title={dateAndTime(timestamp)}>{timeOrDay(timestamp, Date.now())}</span>,
  },
  {
    id: 'size',
    header: 'Size',
    width: 5.25,
    numeric: true,
    cell: ({ bodyBytes }) => bytes(bodyBytes),
  },
];

function previewOf({ bodyBase64, bodyIsText, bodyBytes }: PeekedMessage): string {
  if (bodyBytes === 0) return '(empty)';
  // Four characters of base64 are three bytes.
  const head = decodeBase64(bodyBase64.slice(0, Math.ceil(previewCharacters / 3) * 4));
  if (bodyIsText) return textOf(head).replaceAll(/\s+/g, ' ').slice(0, previewCharacters);
  return Array.from(head.subarray(0, 24), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
