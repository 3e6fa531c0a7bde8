// What waits in a queue, page by page, without consuming it; beside the list, the message that is looked at.

import { useState } from 'react';
import type { DestinationRow } from '../../../broker/control/api.ts';
import type { PeekedMessage } from '../../../broker/control/api-messages.ts';
import { useLive } from '../../client/console.tsx';
import { Badge } from '../../components/badge.tsx';
import { DataGrid } from '../../components/data-grid.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import type { Column } from '../../components/grid-types.ts';
import { bytes, count, dateAndTime, timeOrDay } from '../../format.ts';
import { previewOf } from './body-formats.ts';
import { MessageDetail } from './message-detail.tsx';
import { PageBar } from './page-bar.tsx';
import type { Peek } from './use-peek.ts';

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
        <PageBar pages={peek} waiting={`${count(row.ready + row.delayed + row.inFlight)} messages in the queue now`} />
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
