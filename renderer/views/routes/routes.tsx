// Routes: what each carries from where to where, what became of the messages, and field by field what did not fit.

import { useState } from 'react';
import type { LossRow, RouteRow, RouteState } from '../../../broker/control/api-routes.ts';
import { useConsole, useLive } from '../../client/console.tsx';
import { messageOf } from '../../client/engine-client.ts';
import type { Rated } from '../../client/rated-table.ts';
import type { Tone } from '../../components/badge.tsx';
import { Badge } from '../../components/badge.tsx';
import { Command } from '../../components/command.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icons.tsx';
import { count, perSecond } from '../../format.ts';
import { ReloadConfiguration } from './reload-configuration.tsx';
import { Shadow } from './shadow.tsx';
import './routes.css';

const states: Readonly<Record<RouteState, { readonly tone: Tone; readonly text: string }>> = {
  running: { tone: 'good', text: 'Running' },
  paused: { tone: 'caution', text: 'Paused' },
  draining: { tone: 'caution', text: 'Draining' },
  failed: { tone: 'bad', text: 'Failed' },
};

const moving = { crossed: 'Transferred', refused: 'Dead-lettered' } as const;
const modes = {
  shadow: { badge: 'Shadow', crossed: 'Copied', refused: 'Dead-lettered' },
  'dry-run': { badge: 'Dry run', crossed: 'Would cross', refused: 'Would be refused' },
} as const;

const outcomes: Readonly<Record<LossRow['outcome'], Tone>> = {
  renamed: 'neutral',
  packed: 'neutral',
  changed: 'caution',
  truncated: 'caution',
  dropped: 'caution',
  refused: 'bad',
};

const example = `routes:
  - name: orders
    from: queue://orders
    to: sqs://orders`;

export function Routes() {
  const { routes } = useLive();
  return (
    <section className="view" aria-labelledby="view-title">
      <div className="view-head">
        <h1 id="view-title" tabIndex={-1}>
          Routes
        </h1>
        <ReloadConfiguration />
      </div>
      {routes.size === 0 ? (
        <div className="panel">
          <EmptyState title="No routes yet">
            <p>A route carries messages from a broker destination to an AWS one. Add one to the configuration:</p>
            <Command command={example} what="example" />
          </EmptyState>
        </div>
      ) : (
        routes.settled.map(({ row }) => <Route key={row.name} rated={routes.get(row.name)} />)
      )}
    </section>
  );
}

function Route({ rated }: { readonly rated: Rated<RouteRow> | undefined }) {
  if (rated === undefined) return null;
  const { row, inRate } = rated;
  const { tone, text } = states[row.state];
  const { crossed, refused } = row.mode === undefined ? moving : modes[row.mode];
  return (
    <article className="panel route" aria-label={`Route ${row.name}`}>
      <div className="panel-head">
        <div className="route-title">
          <h2>{row.name}</h2>
          {row.mode !== undefined && <Badge tone="neutral">{modes[row.mode].badge}</Badge>}
          <Badge tone={tone} dot>
            {text}
          </Badge>
        </div>
        <RouteSwitch route={row} />
      </div>
      {row.error !== undefined && (
        <p className="route-error error-text">
          <Icon name="warning" /> {row.error}
        </p>
      )}
      <div className="route-body">
        <p className="route-path">
          <code>{row.from}</code>
          <Icon name="send" />
          <span className="visually-hidden">to</span>
          <code>{row.to}</code>
        </p>
        <dl className="route-figures">
          <RouteFigure name="Per second" value={perSecond(inRate)} />
          <RouteFigure name={crossed} value={count(row.transferred)} />
          <RouteFigure name={refused} value={count(row.deadLettered)} bad={row.deadLettered > 0} />
        </dl>
      </div>
      <Shadow route={row} />
      <Losses route={row} />
    </article>
  );
}

function RouteFigure({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={bad ? 'error-text' : ''}>{value}</dd>
    </div>
  );
}

function RouteSwitch({ route }: { readonly route: RouteRow }) {
  const { engine } = useConsole();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const runs = route.state === 'running';

  const change = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await engine.call(runs ? 'pauseRoute' : 'resumeRoute', { name: route.name });
    } catch (error) {
      setFailure(messageOf(error));
    }
    setBusy(false);
  };

  return (
    <div className="route-switch">
      <span className="error-text" role="alert">
        {failure}
      </span>
      <button type="button" className="button" disabled={busy} onClick={() => void change()}>
        <Icon name={runs ? 'pause' : 'play'} />
        {runs ? 'Pause' : 'Resume'}
        <span className="visually-hidden"> route {route.name}</span>
      </button>
    </div>
  );
}

function Losses({ route: { losses, transferred, mode } }: { readonly route: RouteRow }) {
  if (losses.length === 0) {
    const crosses = mode === 'dry-run' ? 'would cross' : 'has crossed';
    const text = transferred === 0 ? 'Nothing has crossed yet.' : `Every field ${crosses} as it was.`;
    return <p className="route-lossless soft">{text}</p>;
  }
  return (
    <table className="losses">
      <caption className="visually-hidden">Fields that did not cross as they were</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Outcome</th>
          <th scope="col">Reason</th>
          <th scope="col" data-numeric>
            Messages
          </th>
        </tr>
      </thead>
      <tbody>
        {losses.map(({ field, outcome, reason, count: messages }) => (
          <tr key={`${field} ${outcome} ${reason}`}>
            <th scope="row">
              <code>{field}</code>
            </th>
            <td>
              <Badge tone={outcomes[outcome]}>{outcome}</Badge>
            </td>
            <td className="soft">{reason}</td>
            <td data-numeric>{count(messages)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
