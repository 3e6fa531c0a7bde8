// What a subscription with a name takes, and whether someone receives from it; and the question before it is ended.

import { useMemo } from 'react';
import type { DestinationRow } from '../../../broker/control/api.ts';
import { useConsole } from '../../client/console.tsx';
import { useAnswer } from '../../client/use-answer.ts';
import { Badge } from '../../components/badge.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useNotice } from '../../components/notices.tsx';
import { plural } from '../../format.ts';
import { hrefOf, navigate } from '../../router.ts';

const everyMs = 5_000;

export function SubscriptionTerms({ row }: { readonly row: DestinationRow }) {
  const request = useMemo(() => ({ destination: row.id }), [row.id]);
  const { answer } = useAnswer('describeSubscription', request, everyMs);
  return (
    <dl className="panel subscription-terms">
      <div>
        <dt>Client</dt>
        <dd>{row.clientId === undefined ? <span className="soft">any</span> : <code>{row.clientId}</code>}</dd>
      </div>
      <div>
        <dt>Topics</dt>
        <dd>
          <code>{row.topics}</code>
        </dd>
      </div>
      <div>
        <dt>Selector</dt>
        <dd>{answer?.selector === undefined ? <span className="soft">none</span> : <code>{answer.selector}</code>}</dd>
      </div>
      <div>
        <dt>State</dt>
        <dd>
          {row.consumers > 0 ? <Badge tone="good">active</Badge> : <Badge tone="neutral">not active</Badge>}
          {answer?.noLocal === true && (
            <span className="soft" title="What the client publishes itself does not come to it">
              no local
            </span>
          )}
        </dd>
      </div>
    </dl>
  );
}

interface UnsubscribeDialogProps {
  readonly row: DestinationRow;
  readonly onClose: () => void;
}

export function UnsubscribeDialog({ row, onClose }: UnsubscribeDialogProps) {
  const { engine } = useConsole();
  const tell = useNotice();
  const waiting = row.ready + row.inFlight + row.delayed;
  return (
    <ConfirmDialog
      title={`End the subscription ${row.name}?`}
      action="Unsubscribe"
      onClose={onClose}
      onConfirm={async () => {
        await engine.call('unsubscribe', { destination: row.id });
        tell(`Ended the subscription ${row.name}`);
        navigate(hrefOf('destinations'));
      }}
    >
      <p>
        It gets nothing of <code>{row.topics}</code> any more, and {plural(waiting, 'message')} that{' '}
        {waiting === 1 ? 'waits' : 'wait'} for {row.clientId ?? 'its clients'} will be deleted for good. A client that
        comes back begins anew.
      </p>
    </ConfirmDialog>
  );
}
