// Sends a message by hand. Stays open, so that a second one is a keystroke away.

import { useState } from 'react';
import type { DestinationRow } from '../../../broker/control/api.ts';
import type { SendRequest } from '../../../broker/control/api-messages.ts';
import { useConsole } from '../../client/console.tsx';
import { messageOf } from '../../client/engine-client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icons.tsx';
import { BodyField } from './body-field.tsx';
import { isJson } from './body-formats.ts';

interface Draft {
  readonly body: string;
  readonly encoding: SendRequest['encoding'];
  readonly contentType: string;
  readonly durable: boolean;
  readonly properties: readonly { readonly name: string; readonly value: string }[];
  readonly subject: string;
  readonly groupId: string;
  readonly deduplicationId: string;
}

const contentTypes = ['application/json', 'text/plain', 'application/xml', 'application/octet-stream'] as const;

const emptyDraft: Draft = {
  body: '',
  encoding: 'text',
  contentType: '',
  durable: true,
  properties: [],
  subject: '',
  groupId: '',
  deduplicationId: '',
};

/** What was being written, by destination: closing the dialogue by mistake loses nothing. */
const drafts = new Map<string, Draft>();

interface SendDialogProps {
  readonly row: DestinationRow;
  readonly onSent: () => void;
  readonly onClose: () => void;
}

export function SendDialog({ row, onSent, onClose }: SendDialogProps) {
  const { engine } = useConsole();
  const [draft, setDraft] = useState(drafts.get(row.id) ?? emptyDraft);
  const isPublished = row.world === 'aws' && row.kind === 'topic';
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<{ readonly ok: boolean; readonly text: string }>();
  const change = (changes: Partial<Draft>) => {
    const next = { ...draft, ...changes };
    drafts.set(row.id, next);
    setDraft(next);
    setOutcome(undefined);
  };

  const send = async () => {
    setBusy(true);
    try {
      const { id } = await engine.call('send', requestOf(row, draft));
      setOutcome({ ok: true, text: `${isPublished ? 'Published' : 'Sent'} as ${id}` });
      onSent();
    } catch (error) {
      setOutcome({ ok: false, text: messageOf(error) });
    }
    setBusy(false);
  };

  return (
    <Dialog title={`${isPublished ? 'Publish' : 'Send'} to ${row.name}`} onClose={onClose} wide>
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <BodyField
          id="send-body"
          label="Body"
          body={draft.body}
          encoding={row.world === 'mq' ? draft.encoding : undefined}
          busy={busy}
          isFirst
          onChange={change}
        >
          <p className="soft send-hint">{hintFor(draft)}</p>
        </BodyField>
        <div className="send-options">
          <label className="send-content-type">
            <span>Content type</span>
            <input
              className="field"
              list="send-content-types"
              placeholder="none"
              autoComplete="off"
              spellCheck={false}
              value={draft.contentType}
              onChange={({ target }) => change({ contentType: target.value })}
            />
          </label>
          <datalist id="send-content-types">
            {contentTypes.map((type) => (
              <option key={type} value={type}>
                {type}
              </option>
            ))}
          </datalist>
          {row.world === 'mq' && (
            <label className="send-durable" title="Survives a crash of the engine">
              <input
                type="checkbox"
                checked={draft.durable}
                onChange={({ target }) => change({ durable: target.checked })}
              />
              <span>Durable</span>
            </label>
          )}
        </div>
        {row.world === 'aws' && <CloudFields row={row} draft={draft} change={change} />}
        <PropertyFields draft={draft} change={change} />
        <div className="dialog-actions">
          <output className={`dialog-outcome ${outcome?.ok === false ? 'error-text' : 'soft'}`}>{outcome?.text}</output>
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="button button-primary" disabled={busy} title="Ctrl+Enter">
            <Icon name="send" /> {isPublished ? 'Publish' : 'Send'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface PropertyFieldsProps {
  readonly draft: Draft;
  readonly change: (changes: Partial<Draft>) => void;
}

/** What SNS has, and what FIFO queues and topics ask for. */
function CloudFields({ row, draft, change }: PropertyFieldsProps & { readonly row: DestinationRow }) {
  const isFifo = row.variant === 'fifo';
  if (row.kind !== 'topic' && !isFifo) return null;
  return (
    <div className="send-options">
      {row.kind === 'topic' && (
        <TextField
          label="Subject"
          placeholder="none"
          value={draft.subject}
          onChange={(subject) => change({ subject })}
        />
      )}
      {isFifo && (
        <>
          <TextField
            label="Message group"
            placeholder="kept in order"
            required
            value={draft.groupId}
            onChange={(groupId) => change({ groupId })}
          />
          <TextField
            label="Deduplication id"
            placeholder="one that is new"
            value={draft.deduplicationId}
            onChange={(deduplicationId) => change({ deduplicationId })}
          />
        </>
      )}
    </div>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly required?: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function TextField({ label, placeholder, required = false, value, onChange }: TextFieldProps) {
  return (
    <label className="send-content-type">
      <span>{label}</span>
      <input
        className="field"
        required={required}
        placeholder={placeholder}
        autoComplete="off"
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  );
}

function PropertyFields({ draft, change }: PropertyFieldsProps) {
  const { properties } = draft;
  const replace = (at: number, changes: Partial<Draft['properties'][number]>) =>
    change({ properties: properties.map((each, index) => (index === at ? { ...each, ...changes } : each)) });
  return (
    <fieldset className="send-properties">
      <legend>Properties</legend>
      {properties.map(({ name, value }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- fields have no other identity
        <div key={index} className="send-property">
          <input
            className="field mono"
            aria-label={`Name of property ${index + 1}`}
            placeholder="name"
            value={name}
            onChange={({ target }) => replace(index, { name: target.value })}
          />
          <input
            className="field mono"
            aria-label={`Value of property ${index + 1}`}
            placeholder="value"
            value={value}
            onChange={({ target }) => replace(index, { value: target.value })}
          />
          <button
            type="button"
            className="button button-quiet button-icon"
            aria-label={`Remove property ${index + 1}`}
            onClick={() => change({ properties: properties.filter((_each, at) => at !== index) })}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button"
        onClick={() => change({ properties: [...properties, { name: '', value: '' }] })}
      >
        Add property
      </button>
    </fieldset>
  );
}

function requestOf(row: DestinationRow, draft: Draft): SendRequest {
  const named = draft.properties.filter(({ name }) => name.trim() !== '');
  const { subject, groupId, deduplicationId } = draft;
  const isCloud = row.world === 'aws';
  return {
    destination: row.id,
    body: draft.body,
    encoding: isCloud ? 'text' : draft.encoding,
    ...(isCloud ? {} : { durable: draft.durable }),
    ...(subject === '' ? {} : { subject }),
    ...(groupId === '' ? {} : { groupId }),
    ...(deduplicationId === '' ? {} : { deduplicationId }),
    ...(draft.contentType.trim() === '' ? {} : { contentType: draft.contentType.trim() }),
    ...(named.length === 0
      ? {}
      : { properties: Object.fromEntries(named.map(({ name, value }) => [name.trim(), value])) }),
  };
}

function hintFor({ body, encoding, contentType }: Draft): string {
  if (encoding === 'base64') return 'Sent as the bytes that the base64 stands for.';
  const saysJson = /\bjson\b/i.test(contentType);
  if (saysJson && body !== '' && !isJson(body)) return 'This is not valid JSON; it is sent as it is.';
  return 'Sent as it is, in UTF-8.';
}
