// What flows through the engine: three figures, which are also the chart's legend, and the last five minutes.

import { useCallback, useState } from 'react';
import { useLive } from '../../client/console.tsx';
import { rateNames } from '../../client/rate-history.ts';
import { count, perSecond, time } from '../../format.ts';
import { RateChart } from './rate-chart.tsx';

const meanings = {
  received: 'Messages that clients sent to the broker',
  delivered: 'Messages that consumers took',
  bridged: 'Messages that routes carried across',
} as const;

export function Rates() {
  const { history, overview, at } = useLive();
  const [hovered, setHovered] = useState<number>();
  const onHover = useCallback((index: number | undefined) => setHovered(index), []);
  const columns = history.columns();
  const hoveredAt = hovered === undefined ? undefined : columns.at[hovered];
  const latest = history.latest;

  const valueOf = (name: (typeof rateNames)[number]): number | null | undefined =>
    hovered === undefined || hoveredAt === undefined ? latest?.[name] : columns[name][hovered];
  const summary = rateNames.map((name) => `${name} ${perSecond(latest?.[name] ?? 0)}`).join(', ');

  return (
    <section className="panel rates" aria-labelledby="rates-title">
      <div className="panel-head">
        <h2 id="rates-title">Messages a second</h2>
        <span className="soft">{hoveredAt === undefined ? 'last 5 minutes' : `at ${time(hoveredAt * 1000)}`}</span>
      </div>
      <dl className="figures">
        {rateNames.map((name) => {
          const value = valueOf(name);
          return (
            <div key={name} className="figure" title={meanings[name]}>
              <dt>
                <span className="series-key" data-series={name} aria-hidden="true" />
                {name}
              </dt>
              <dd>
                <span className="figure-value">{value === null || value === undefined ? '–' : perSecond(value)}</span>
                <span className="soft">{count(overview?.totals[name] ?? 0)} in all</span>
              </dd>
            </div>
          );
        })}
      </dl>
      <div className="rate-place">
        <RateChart
          columns={columns}
          until={at / 1000}
          label={`Messages a second over the last five minutes. Now: ${summary}.`}
          onHover={onHover}
        />
        {overview?.totals.received === 0 && (
          <p className="rate-hint">
            <span>Nothing has flowed yet. Try one of the commands below.</span>
          </p>
        )}
      </div>
    </section>
  );
}
