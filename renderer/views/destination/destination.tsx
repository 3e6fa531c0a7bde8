// One destination: its figures, what waits in it, and what can be done with it.

import { useEffect, useState } from 'react';
import type { DestinationRow } from '../../../broker/control/api.ts';
import { useConsole, useLive } from '../../client/console.tsx';
import { Badge, WorldBadge } from '../../components/badge.tsx';
import { Command } from '../../components/command.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icons.tsx';
import { useNotice } from '../../components/notices.tsx';
import { count, plural } from '../../format.ts';
import { hrefOf } from '../../router.ts';
import { mosquittoPublish, mosquittoSubscribe } from '../overview/listener-commands.ts';
import { kindOf } from '../destinations/kind.ts';
import { Figures } from './figures.tsx';
import { Messages } from './messages.tsx';
import { PutRecordDialog } from './put-record-dialog.tsx';
import { SendDialog } from './send-dialog.tsx';
import { Stream } from './stream.tsx';
import { SubscriptionTerms, UnsubscribeDialog } from './subscription-terms.tsx';
import { TopicSubscriptions } from './topic-subscriptions.tsx';
import type { Peek } from './use-peek.ts';
import { usePeek } from './use-peek.ts';
import './destination.css';

export function Destination({ id }: { readonly id: string }) {
  const { destinations, overview } = useLive();
  const found = destinations.get(id);
  const holdsMessages = found?.row.kind === 'queue' || found?.row.kind === 'subscription';
  const peek = usePeek(id, holdsMessages);
  const [written, setWritten] = useState(0);
  const name = found?.row.name;

  useEffect(() => {
    if (name !== undefined) document.title = `${name} – Causeway`;
  }, [name]);

  if (overview === undefined) return null;
  if (found === undefined) return <Gone />;
  const { row } = found;
  const isFilled = row.kind !== 'topic' || row.world === 'aws';
  return (
    <section className={isFilled ? 'view view-filled destination' : 'view destination'} aria-labelledby="view-title">
      <Head row={row} onWritten={() => (row.kind === 'stream' ? setWritten(written + 1) : peek.read())} peek={peek} />
      <Figures rated={found} />
      <Content row={row} peek={peek} written={written} />
    </section>
  );
}

interface ContentProps {
  readonly row: DestinationRow;
  readonly peek: Peek;
  readonly written: number;
}

function Content({ row, peek, written }: ContentProps) {
  switch (row.kind) {
    case 'topic':
      return row.world === 'aws' ? <TopicSubscriptions row={row} /> : <TopicHint row={row} />;
    case 'stream':
      return <Stream row={row} written={written} />;
    default:
      return (
        <>
          {row.topics !== undefined && <SubscriptionTerms row={row} />}
          <Messages row={row} peek={peek} />
        </>
      );
  }
}

interface HeadProps {
  readonly row: DestinationRow;
  readonly peek: Peek;
  /** Something was sent to it. */
  readonly onWritten: () => void;
}

function Head({ row, peek, onWritten }: HeadProps) {
  const [open, setOpen] = useState<'send' | 'purge' | 'unsubscribe'>();
  const close = () => setOpen(undefined);
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
      <Badge tone="neutral">{kindOf(row)}</Badge>
      {row.scope !== undefined && <span className="soft">{row.scope}</span>}
      <Actions row={row} onOpen={setOpen} />
      {open === 'send' && row.kind === 'stream' && <PutRecordDialog row={row} onClose={close} onPut={onWritten} />}
      {open === 'send' && row.kind !== 'stream' && <SendDialog row={row} onClose={close} onSent={onWritten} />}
      {open === 'purge' && <PurgeDialog row={row} onClose={close} onPurged={() => peek.read(true)} />}
      {open === 'unsubscribe' && <UnsubscribeDialog row={row} onClose={close} />}
    </div>
  );
}

interface ActionsProps {
  readonly row: DestinationRow;
  readonly onOpen: (dialog: 'send' | 'purge' | 'unsubscribe') => void;
}

function Actions({ row, onOpen }: ActionsProps) {
  const { kind, variant } = row;
  const isActive = row.consumers > 0;
  const isDurable = variant === 'durable' || variant === 'durable shared';
  const sending = kind === 'stream' ? 'Put a record…' : kind === 'topic' && row.world === 'aws' ? 'Publish…' : 'Send…';
  return (
    <div className="view-head-end">
      {isDurable && (
        <button
          type="button"
          className="button button-danger"
          disabled={isActive}
          title={isActive ? 'While a client receives from it, only that can end it' : undefined}
          onClick={() => onOpen('unsubscribe')}
        >
          <Icon name="close" /> Unsubscribe…
        </button>
      )}
      {(kind === 'queue' || kind === 'subscription') && (
        <button
          type="button"
          className="button button-danger"
          disabled={row.ready + row.inFlight + row.delayed === 0}
          onClick={() => onOpen('purge')}
        >
          <Icon name="trash" /> Purge…
        </button>
      )}
      {kind !== 'subscription' && (
        <button type="button" className="button button-primary" onClick={() => onOpen('send')}>
          <Icon name="send" /> {sending}
        </button>
      )}
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
