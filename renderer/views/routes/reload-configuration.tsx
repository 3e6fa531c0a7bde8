// Has the engine read its configuration again, and says what became of the routes, or what is wrong with the file.

import { useState } from 'react';
import type { Reloaded } from '../../../broker/control/api-routes.ts';
import { useConsole } from '../../client/console.tsx';
import { messageOf } from '../../client/engine-client.ts';
import { Icon } from '../../components/icons.tsx';
import { plural, time } from '../../format.ts';

type Outcome =
  | { readonly kind: 'reloaded'; readonly change: Reloaded; readonly at: number }
  | { readonly kind: 'failed'; readonly reason: string };

export function ReloadConfiguration() {
  const { engine } = useConsole();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();

  const reload = async () => {
    setBusy(true);
    setOutcome(undefined);
    try {
      setOutcome({ kind: 'reloaded', change: await engine.call('reload', {}), at: Date.now() });
    } catch (error) {
      setOutcome({ kind: 'failed', reason: messageOf(error) });
    }
    setBusy(false);
  };

  return (
    <>
      <div className="view-head-end">
        <button type="button" className="button" disabled={busy} onClick={() => void reload()}>
          <Icon name="refresh" /> Reload configuration
        </button>
      </div>
      <output className="reload-outcome">{outcome?.kind === 'reloaded' && <Change outcome={outcome} />}</output>
      <p className="reload-outcome error-text" role="alert">
        {outcome?.kind === 'failed' && `Nothing has changed: ${outcome.reason}`}
      </p>
    </>
  );
}

function Change({ outcome: { change, at } }: { readonly outcome: Extract<Outcome, { kind: 'reloaded' }> }) {
  const { started, ended, kept, waiting } = change;
  return (
    <span className="panel reload-change">
      <span>
        Configuration read again at {time(at)}. {sentenceOf(started, ended, kept)}
      </span>
      {waiting.length > 0 && (
        <span className="reload-waiting">
          {waiting.length === 1 ? 'This waits' : 'These wait'} for a restart of the engine: <Keys names={waiting} />.
        </span>
      )}
    </span>
  );
}

function sentenceOf(started: readonly string[], ended: readonly string[], kept: readonly string[]): string {
  // A route that changed has ended as it was, and started as it is.
  const changed = started.filter((name) => ended.includes(name));
  const parts = [
    listed(
      'started',
      started.filter((name) => !changed.includes(name)),
    ),
    listed('changed', changed),
    listed(
      'ended',
      ended.filter((name) => !changed.includes(name)),
    ),
  ].filter((part) => part !== '');
  if (parts.length === 0) return kept.length === 0 ? 'There are no routes.' : 'The routes are as they were.';
  if (kept.length > 0) parts.push(`${plural(kept.length, 'route')} as before`);
  const sentence = parts.join('; ');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

function listed(what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${what} ${names.join(', ')}`;
}

function Keys({ names }: { readonly names: readonly string[] }) {
  return names.map((name, index) => (
    <span key={name}>
      {index > 0 && ', '}
      <code>{name}</code>
    </span>
  ));
}
