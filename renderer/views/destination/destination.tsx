// One destination: its figures, what waits in it, and what can be done with it.

import { useEffect, useState } from 'react';
import type { DestinationRow } from '../../../broker/control/api.ts';
import { useConsole, useLive } from '../../client/console.tsx';
import type { Rated } from '../../client/rated-table.ts';
import { Badge, WorldBadge } from '../../components/badge.tsx';
import { Command } from '../../components/command.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icons.tsx';
import { useNotice } from '../../components/notices.tsx';
import { count, perSecond, plural } from '../../format.ts';
import { hrefOf } from '../../router.ts';
import { mosquittoPublish, mosquittoSubscribe } from '../overview/listener-commands.ts';
import { Messages } from './messages.tsx';
import { SendDialog } from './send-dialog.tsx';
import type { Peek } from './use-peek.ts';
import { usePeek } from './use-peek.ts';
import './destination.css';

export function Destination({ id }: { readonly id: string }) {
  const { destinations, overview } = useLive();
  const found = destinations.get(id);
  const holdsMessages = found !== undefined && found.row.kind !== 'topic';
  const peek = usePeek(id, holdsMessages);
  const name = found?.row.name;

  useEffect(() => {
    if (name !== undefined) document.title = `${name} – Causeway`;
  }, [name]);

  if (overview === undefined) return null;
  if (found === undefined) return <Gone />;
  return (
    <section
      className={holdsMessages ? 'view view-filled destination' : 'view destination'}
      aria-labelledby="view-title"
    >
      <Head row={found.row} peek={peek} />
      <Figures rated={found} />
      {holdsMessages ? <Messages row={found.row} peek={peek} /> : <TopicHint row={found.row} />}
    </section>
  );
}

function Head({ row, peek }: { readonly row: DestinationRow; readonly peek: Peek }) {
  const [open, setOpen] = useState<'send' | 'purge'>();
  const close = () => setOpen(undefined);
  const waiting = row.ready + row.inFlight + row.delayed;
  return (
    <div className="view-head destination-head">
      <a className="back" href={hrefOf('destinations')} aria-label="All destinations" title="All destinations">
        <Icon name="left" />
      </a>
      <h1 id="view-title" tabIndex={-1}>
        {row.name}
      </h1>
      <CopyButton text={row.name} what="name" />
      <WorldBadge world={row.world} />
      <Badge tone="neutral">{row.kind}</Badge>
      {row.scope !== undefined && <span className="soft">{row.scope}</span>}
      <div className="view-head-end">
        {row.kind !== 'topic' && (
          <button
            type="button"
            className="button button-danger"
            disabled={waiting === 0}
            onClick={() => setOpen('purge')}
          >
            <Icon name="trash" /> Purge…
          </button>
        )}
        {row.kind !== 'subscription' && (
          <button type="button" className="button button-primary" onClick={() => setOpen('send')}>
            <Icon name="send" /> Send…
          </button>
        )}
      </div>
      {open === 'send' && <SendDialog row={row} onClose={close} onSent={() => peek.read()} />}
      {open === 'purge' && <PurgeDialog row={row} onClose={close} onPurged={() => peek.read(true)} />}
    </div>
  );
}

interface PurgeDialogProps {
  readonly row: DestinationRow;
  readonly onPurged: () => void;
  readonly onClose: () => void;
}

function PurgeDialog({ row, onPurged, onClose }: PurgeDialogProps) {
  const { engine } = useConsole();
  const tell = useNotice();
  const waiting = row.ready + row.inFlight + row.delayed;
  return (
    <ConfirmDialog
      title={`Purge ${row.name}?`}
      action={`Delete ${plural(waiting, 'message')}`}
      onClose={onClose}
      onConfirm={async () => {
        const { removed } = await engine.call('purge', { destination: row.id });
        tell(`Deleted ${plural(removed, 'message')} from ${row.name}`);
        onPurged();
      }}
    >
      <p>
        {plural(waiting, 'message')} ({count(row.ready)} ready, {count(row.inFlight)} in flight, {count(row.delayed)}{' '}
        delayed) and whatever comes before you confirm will be deleted for good. No dead-letter queue keeps them.
      </p>
    </ConfirmDialog>
  );
}

/** Name, value, and whether it is a bad sign. */
type Figure = readonly [string, string, boolean];

function Figures({ rated }: { readonly rated: Rated<DestinationRow> }) {
  const { row, inRate, outRate } = rated;
  const topicFigures: readonly Figure[] = [
    ['Received', count(row.enqueued), false],
    ['Subscriptions', count(row.consumers), false],
    ['In/s', perSecond(inRate), false],
  ];
  const queueFigures: readonly Figure[] = [
    ['Ready', count(row.ready), false],
    ['In flight', count(row.inFlight), false],
    ['Delayed', count(row.delayed), false],
    ['Dead', count(row.dead), row.dead > 0],
    ['Expired', count(row.expired), false],
    ['Consumers', count(row.consumers), false],
    ['In/s', perSecond(inRate), false],
    ['Out/s', perSecond(outRate), false],
  ];
  const figures = row.kind === 'topic' ? topicFigures : queueFigures;
  return (
    <dl className="panel destination-figures">
      {figures.map(([name, value, bad]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={bad ? 'error-text' : value === '0' ? 'zero' : ''}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function TopicHint({ row }: { readonly row: DestinationRow }) {
  const { overview } = useLive();
  const topic = row.name.replaceAll('.', '/');
  const mqtt = overview?.listeners['mqtt'];
  return (
    <div className="panel">
      <EmptyState title="A topic holds nothing itself">
        <p>Each subscription has a queue of its own, and is listed among the destinations. Listen to this topic:</p>
        <Command command={mosquittoSubscribe(mqtt, topic)} />
        <p>And publish to it:</p>
        <Command command={mosquittoPublish(mqtt, topic)} />
      </EmptyState>
    </div>
  );
}

function Gone() {
  return (
    <div className="view">
      <div className="panel">
        <EmptyState title="This destination is not there">
          <p>It was deleted, or the engine has not seen it since it started.</p>
          <p>
            <a href={hrefOf('destinations')}>All destinations</a>
          </p>
        </EmptyState>
      </div>
    </div>
  );
}
