// Connected clients of every protocol, and the means to end one's connection.

import { useDeferredValue, useMemo, useState } from 'react';
import type { ClientRow } from '../../../broker/control/api.ts';
import { useConsole, useLive } from '../../client/console.tsx';
import type { Rated } from '../../client/rated-table.ts';
import { Command } from '../../components/command.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataGrid } from '../../components/data-grid.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBox } from '../../components/filter-box.tsx';
import type { Column } from '../../components/grid-types.ts';
import { useNotice } from '../../components/notices.tsx';
import { count, dateAndTime, duration, perSecond, plural } from '../../format.ts';
import { replaceParameters, useRoute } from '../../router.ts';
import { parseSort, sortParameter } from '../../sort-parameter.ts';
import { mosquittoSubscribe } from '../overview/listener-commands.ts';

type Client = Rated<ClientRow>;

const protocols = { amqp: 'AMQP', mqtt: 'MQTT', stomp: 'STOMP', aws: 'AWS' } as const;

export function Clients() {
  const { clients, overview, at } = useLive();
  const { engine } = useConsole();
  const tell = useNotice();
  const { parameters } = useRoute();
  const [leaving, setLeaving] = useState<ClientRow>();
  const query = parameters.get('q') ?? '';
  const sort = useMemo(() => parseSort(parameters.get('sort'), 'clientId'), [parameters]);
  // To the second: the column is of durations, and so changes with them.
  const now = Math.floor(at / 1000) * 1000;
  const columns = useMemo(() => clientColumns(now, setLeaving), [now]);

  const applied = useDeferredValue(query);
  const { settled } = clients;
  const rows = useMemo(() => {
    const words = applied.toLowerCase().split(/\s+/).filter(Boolean);
    return settled
      .filter(({ row }) => words.every((word) => textOf(row).includes(word)))
      .map((item) => ({ id: item.row.id, item }));
  }, [settled, applied]);

  return (
    <section className="view view-filled" aria-labelledby="view-title">
      <div className="view-head">
        <h1 id="view-title" tabIndex={-1}>
          Clients
        </h1>
        <FilterBox
          value={query}
          onChange={(q) => replaceParameters({ q })}
          label="Filter clients"
          placeholder="Filter: mqtt press-7"
          hint="Words of the protocol, client id, user or address"
        />
        <output className="soft view-head-end">
          {query === '' ? plural(clients.size, 'client') : `${count(rows.length)} of ${count(clients.size)}`}
        </output>
      </div>
      <div className="panel panel-grid">
        <DataGrid
          label="Clients"
          columns={columns}
          rows={rows}
          latest={(id) => clients.get(id)}
          sort={sort}
          onSort={(next) => replaceParameters({ sort: sortParameter(next) })}
          empty={
            clients.size > 0 ? (
              <EmptyState title="No client matches the filter" />
            ) : (
              <EmptyState title="No clients connected">
                <p>Whoever connects is seen here at once. This one stays and listens:</p>
                <Command command={mosquittoSubscribe(overview?.listeners['mqtt'])} />
              </EmptyState>
            )
          }
        />
      </div>
      {leaving !== undefined && (
        <ConfirmDialog
          title={`Disconnect ${nameOf(leaving)}?`}
          action="Disconnect"
          onClose={() => setLeaving(undefined)}
          onConfirm={async () => {
            await engine.call('disconnectClient', { id: leaving.id });
            tell(`Disconnected ${nameOf(leaving)}`);
          }}
        >
          <p>
            Its {protocols[leaving.protocol]} connection from <code>{leaving.address}</code> is closed, and what it has
            not acknowledged is delivered again. Most clients connect anew by themselves.
          </p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function clientColumns(now: number, disconnect: (client: ClientRow) => void): readonly Column<Client>[] {
  return [
    {
      id: 'clientId',
      header: 'Client',
      width: 10.5,
      grows: true,
      sortValue: ({ row }) => nameOf(row),
      cell: ({ row }) => <span className="truncate">{nameOf(row)}</span>,
    },
    {
      id: 'protocol',
      header: 'Protocol',
      width: 6,
      sortValue: ({ row }) => row.protocol,
      cell: ({ row }) => protocols[row.protocol],
    },
    rate('in', 'In/s', 'Messages a second that the client sent', ({ inRate }) => inRate),
    rate('out', 'Out/s', 'Messages a second that the client was sent', ({ outRate }) => outRate),
    {
      id: 'since',
      header: 'Connected',
      width: 7.5,
      numeric: true,
      sortValue: ({ row }) => -row.connectedAt,
      cell: ({ row }) => <span title={dateAndTime(row.connectedAt)}>{duration(now - row.connectedAt)}</span>,
    },
    {
      id: 'address',
      header: 'Address',
      width: 12,
      sortValue: ({ row }) => row.address,
      cell: ({ row }) => <code className="truncate">{row.address}</code>,
    },
    {
      id: 'user',
      header: 'User',
      width: 7,
      spare: true,
      sortValue: ({ row }) => row.user ?? '',
      cell: ({ row }) => (
        <span className={row.user === undefined ? 'zero' : 'truncate'}>{row.user ?? 'anonymous'}</span>
      ),
    },
    {
      id: 'disconnect',
      header: 'Action',
      width: 7.5,
      cell: ({ row }) => (
        <button
          type="button"
          className="button button-quiet button-in-row"
          tabIndex={-1}
          onClick={() => disconnect(row)}
        >
          Disconnect<span className="visually-hidden"> {nameOf(row)}</span>
        </button>
      ),
    },
  ];
}

function rate(id: string, header: string, hint: string, value: (client: Client) => number): Column<Client> {
  return {
    id,
    header,
    hint,
    width: 5,
    numeric: true,
    sortValue: value,
    cell: (client) => <span className={value(client) === 0 ? 'zero' : ''}>{perSecond(value(client))}</span>,
  };
}

function nameOf({ clientId, id }: ClientRow): string {
  return clientId ?? id;
}

function textOf({ protocol, clientId = '', id, user = '', address }: ClientRow): string {
  return `${protocol} ${clientId} ${id} ${user} ${address}`.toLowerCase();
}
