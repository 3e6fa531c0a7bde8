// Puts a record into a stream by hand. Stays open, so that a second one is a keystroke away.

import { useState } from 'react';
import type { DestinationRow } from '../../../broker/control/api.ts';
import type { PutRecordRequest } from '../../../broker/control/api-cloud.ts';
import { useConsole } from '../../client/console.tsx';
import { messageOf } from '../../client/engine-client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icons.tsx';
import { BodyField } from './body-field.tsx';

interface Draft {
  readonly body: string;
  readonly encoding: PutRecordRequest['encoding'];
  readonly partitionKey: string;
  readonly hashKey: string;
}

const emptyDraft: Draft = { body: '', encoding: 'text', partitionKey: '', hashKey: '' };

/** What was being written, by stream: closing the dialogue by mistake loses nothing. */
const drafts = new Map<string, Draft>();

interface PutRecordDialogProps {
  readonly row: DestinationRow;
  readonly onPut: () => void;
  readonly onClose: () => void;
}

export function PutRecordDialog({ row, onPut, onClose }: PutRecordDialogProps) {
  const { engine } = useConsole();
  const [draft, setDraft] = useState(drafts.get(row.id) ?? emptyDraft);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ readonly ok: boolean; readonly text: string }>();
  const change = (changes: Partial<Draft>) => {
    const next = { ...draft, ...changes };
    drafts.set(row.id, next);
    setDraft(next);
    setOutcome(undefined);
  };

  const put = async () => {
    setBusy(true);
    try {
      const { shardId } = await engine.call('putRecord', requestOf(row.id, draft));
      setOutcome({ ok: true, text: `Put into ${shardId}` });
      onPut();
    } catch (error) {
      setOutcome({ ok: false, text: messageOf(error) });
    }
    setBusy(false);
  };

  return (
    <Dialog title={`Put a record into ${row.name}`} onClose={onClose} wide>
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          void put();
        }}
      >
        <div className="send-options">
          <label className="send-content-type">
            <span>Partition key</span>
            <input
              className="field mono"
              required
              maxLength={256}
              placeholder="decides on the shard"
              autoComplete="off"
              spellCheck={false}
              data-first-focus
              value={draft.partitionKey}
              onChange={({ target }) => change({ partitionKey: target.value })}
            />
          </label>
          <label className="send-content-type">
            <span>Explicit hash key</span>
            <input
              className="field mono"
              pattern="\d{1,39}"
              placeholder="none: that of the partition key"
              autoComplete="off"
              spellCheck={false}
              inputMode="numeric"
              value={draft.hashKey}
              onChange={({ target }) => change({ hashKey: target.value.trim() })}
            />
          </label>
        </div>
        <BodyField
          id="put-data"
          label="Data"
          body={draft.body}
          encoding={draft.encoding}
          busy={busy}
          onChange={change}
        />
        <div className="dialog-actions">
          <output className={`dialog-outcome ${outcome?.ok === false ? 'error-text' : 'soft'}`}>{outcome?.text}</output>
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="button button-primary" disabled={busy} title="Ctrl+Enter">
            <Icon name="send" /> Put
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function requestOf(destination: string, { body, encoding, partitionKey, hashKey }: Draft): PutRecordRequest {
  return { destination, partitionKey, body, encoding, ...(hashKey === '' ? {} : { hashKey }) };
}
