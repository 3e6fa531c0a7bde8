// What SNS would have sent: mails, text messages and pushes to devices, the newest first; beside the list, the one that is read.

import { useMemo, useState } from 'react';
import type { MailRow, MailboxRequest } from '../../../broker/control/api-cloud.ts';
import { useConsole, useLive } from '../../client/console.tsx';
import { useAnswer } from '../../client/use-answer.ts';
import { Command } from '../../components/command.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataGrid } from '../../components/data-grid.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icons.tsx';
import { useNotice } from '../../components/notices.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { plural } from '../../format.ts';
import { replaceParameters, useRoute } from '../../router.ts';
import { textMessage } from '../overview/listener-commands.ts';
import { mailColumns } from './columns.tsx';
import { mailKinds } from './kinds.ts';
import { MailDetail } from './mail-detail.tsx';
import '../destination/destination.css';
import './mail.css';

const everyMs = 2_000;
const pageSize = 50;
const lineCharacters = 200;

type KindFilter = 'all' | MailRow['kind'];

const filters: readonly { readonly value: KindFilter; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  ...mailKinds,
];

export function Mail() {
  const { parameters } = useRoute();
  const kind = mailKinds.find(({ value }) => value === parameters.get('kind'))?.value;
  // Another kind is another list: it begins with its newest.
  return <MailOfKind key={kind ?? 'all'} kind={kind} />;
}

function MailOfKind({ kind }: { readonly kind: MailRow['kind'] | undefined }) {
  /** Before which position each page up to this one begins; the first is the newest. */
  const [starts, setStarts] = useState<readonly (number | undefined)[]>([undefined]);
  const [clearing, setClearing] = useState(false);
  const [chosen, setChosen] = useState<number>();
  const request = useMemo(() => requestFor(kind, starts.at(-1)), [kind, starts]);
  const { answer, failure, askAgain } = useAnswer('mailbox', request, everyMs);
  const mails = answer?.mails ?? [];
  const next = answer?.next;
  const columns = mailColumns(mails.some(({ relay }) => relay !== undefined));
  const selected = mails.find(({ position }) => position === chosen) ?? mails[0];
  // What one reads stays when newer mail comes.
  if (selected !== undefined && selected.position !== chosen) setChosen(selected.position);

  const go = (to: readonly (number | undefined)[]) => {
    setChosen(undefined);
    setStarts(to);
  };
  return (
    <section className="view view-filled destination" aria-labelledby="view-title">
      <div className="view-head">
        <h1 id="view-title" tabIndex={-1}>
          Mail
        </h1>
        <Segmented
          label="Kind"
          options={filters}
          value={kind ?? 'all'}
          onChange={(value) => replaceParameters({ kind: value === 'all' ? '' : value })}
        />
        <div className="view-head-end">
          <button
            type="button"
            className="button button-danger"
            disabled={mails.length === 0 && kind === undefined}
            onClick={() => setClearing(true)}
          >
            <Icon name="trash" /> Clear…
          </button>
        </div>
      </div>
      <div className="messages mail-box">
        <section className="panel message-list" aria-label="Mailbox">
          <div className="panel-head page-bar">
            <output className={failure === undefined ? 'soft' : 'error-text'}>
              {failure ?? (answer === undefined ? 'Reading…' : placeOf(starts.length, mails.length, next))}
            </output>
            <div className="page-buttons">
              <button
                type="button"
                className="button button-icon"
                aria-label="Newer"
                title="Newer"
                disabled={starts.length === 1}
                onClick={() => go(starts.slice(0, -1))}
              >
                <Icon name="left" />
              </button>
              <button
                type="button"
                className="button button-icon"
                aria-label="Older"
                title="Older"
                disabled={next === undefined}
                onClick={() => go([...starts, next])}
              >
                <Icon name="right" />
              </button>
            </div>
          </div>
          <DataGrid
            label="Mailbox"
            columns={columns}
            rows={mails.map((item) => ({ id: String(item.position), item }))}
            selected={selected === undefined ? undefined : String(selected.position)}
            onOpen={(position) => setChosen(Number(position))}
            empty={answer === undefined ? null : <NoMail kind={kind} />}
          />
        </section>
        <section className="panel message-panel" aria-label="Selected mail">
          {selected === undefined ? (
            <p className="soft message-none">Nothing selected.</p>
          ) : (
            <MailDetail key={selected.position} mail={selected} />
          )}
        </section>
      </div>
      {clearing && (
        <ClearDialog
          onClose={() => setClearing(false)}
          onCleared={() => {
            go([undefined]);
            askAgain();
          }}
        />
      )}
    </section>
  );
}

function requestFor(kind: MailRow['kind'] | undefined, before: number | undefined): MailboxRequest {
  return {
    limit: pageSize,
    bodyCharacters: lineCharacters,
    ...(kind === undefined ? {} : { kind }),
    ...(before === undefined ? {} : { before }),
  };
}

function placeOf(page: number, shown: number, next: number | undefined): string {
  if (shown === 0) return 'No messages';
  if (page > 1) return `Page ${page}, newest first`;
  return next === undefined ? `${plural(shown, 'message')}, newest first` : `The newest ${pageSize}`;
}

function NoMail({ kind }: { readonly kind: MailRow['kind'] | undefined }) {
  const { overview } = useLive();
  if (kind !== undefined) return <EmptyState title="Nothing of this kind has come" />;
  return (
    <EmptyState title="No mail yet">
      <p>
        What SNS sends to addresses, phones and devices is kept here: subscribe a topic to <code>email</code>,{' '}
        <code>sms</code> or <code>application</code>, or send a text message:
      </p>
      <Command command={textMessage(overview?.listeners['cloud'])} />
    </EmptyState>
  );
}

interface ClearDialogProps {
  readonly onCleared: () => void;
  readonly onClose: () => void;
}

function ClearDialog({ onCleared, onClose }: ClearDialogProps) {
  const { engine } = useConsole();
  const tell = useNotice();
  return (
    <ConfirmDialog
      title="Clear the mailbox?"
      action="Clear the mailbox"
      onClose={onClose}
      onConfirm={async () => {
        const { removed } = await engine.call('clearMailbox', {});
        tell(`Deleted ${plural(removed, 'message')} from the mailbox`);
        onCleared();
      }}
    >
      <p>
        Everything in it, of every kind, is deleted for good. Links that confirm a subscription go with it; whoever
        subscribes again gets another.
      </p>
    </ConfirmDialog>
  );
}
