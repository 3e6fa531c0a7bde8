// All destinations of both worlds in one table, which stays quick with thousands of rows.

import { useDeferredValue, useMemo } from 'react';
import type { DestinationRow } from '../../../broker/control/api.ts';
import { useLive } from '../../client/console.tsx';
import { Command } from '../../components/command.tsx';
import { DataGrid } from '../../components/data-grid.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBox } from '../../components/filter-box.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { count, plural } from '../../format.ts';
import { navigate, hrefOf, replaceParameters, useRoute } from '../../router.ts';
import { parseSort, sortParameter } from '../../sort-parameter.ts';
import { mosquittoPublish } from '../overview/listener-commands.ts';
import { destinationColumns } from './columns.tsx';
import { figureNames, parseFilter } from './filter-expression.ts';
import { kinds } from './kind.ts';
import './destinations.css';

const worlds = [
  { value: 'all', label: 'All' },
  { value: 'mq', label: 'Broker' },
  { value: 'aws', label: 'AWS' },
] as const satisfies readonly { value: 'all' | DestinationRow['world']; label: string }[];

export function Destinations() {
  const { destinations, overview } = useLive();
  const { parameters } = useRoute();
  const query = parameters.get('q') ?? '';
  const world = worlds.find(({ value }) => value === parameters.get('world'))?.value ?? 'all';
  const kind = kinds.find(({ value }) => value === parameters.get('kind'))?.value ?? 'all';
  const sort = useMemo(() => parseSort(parameters.get('sort'), 'name'), [parameters]);

  // Typing stays ahead of filtering, however many rows there are.
  const applied = useDeferredValue(query);
  const { settled } = destinations;
  const rows = useMemo(() => {
    const matches = parseFilter(applied);
    return settled
      .filter(
        (destination) =>
          (world === 'all' || destination.row.world === world) &&
          (kind === 'all' || destination.row.kind === kind) &&
          matches(destination),
      )
      .map((item) => ({ id: item.row.id, item }));
  }, [settled, applied, world, kind]);

  const filtered = query !== '' || world !== 'all' || kind !== 'all';
  return (
    <section className="view view-filled" aria-labelledby="view-title">
      <div className="view-head">
        <h1 id="view-title" tabIndex={-1}>
          Destinations
        </h1>
        <FilterBox
          value={query}
          onChange={(q) => replaceParameters({ q })}
          label="Filter destinations"
          placeholder="Filter: orders ready>100"
          hint={`Words of the name, and comparisons: ${figureNames.map((name) => `${name}>0`).join(', ')}`}
        />
        <Segmented
          label="World"
          options={worlds}
          value={world}
          onChange={(value) => replaceParameters({ world: value === 'all' ? '' : value })}
        />
        <select
          className="field kind-filter"
          aria-label="Kind"
          value={kind}
          onChange={({ target }) => replaceParameters({ kind: target.value === 'all' ? '' : target.value })}
        >
          {kinds.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <output className="soft view-head-end">
          {filtered ? `${count(rows.length)} of ${count(destinations.size)}` : plural(destinations.size, 'destination')}
        </output>
      </div>
      <div className="panel panel-grid">
        <DataGrid
          label="Destinations"
          columns={destinationColumns}
          rows={rows}
          latest={(id) => destinations.get(id)}
          sort={sort}
          onSort={(next) => replaceParameters({ sort: sortParameter(next) })}
          onOpen={openDestination}
          empty={
            destinations.size > 0 ? (
              <EmptyState title="No destination matches the filter">
                <p>Words must be in the name; comparisons are written without spaces, as in ready&gt;100.</p>
              </EmptyState>
            ) : (
              <EmptyState title="No destinations yet">
                <p>Broker queues and topics come into being on first use. Send something:</p>
                <Command command={mosquittoPublish(overview?.listeners['mqtt'])} />
              </EmptyState>
            )
          }
        />
      </div>
    </section>
  );
}

function openDestination(id: string): void {
  navigate(hrefOf('destinations', id));
}
