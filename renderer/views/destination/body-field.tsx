// Where a body is written by hand, as text or in base64. Ctrl+Enter sends.

import type { ReactNode } from 'react';
import type { SendRequest } from '../../../broker/control/api-messages.ts';
import { Segmented } from '../../components/segmented.tsx';

type Encoding = SendRequest['encoding'];

interface BodyFieldProps {
  readonly id: string;
  readonly label: string;
  readonly body: string;
  /** Undefined: text is all that can be sent. */
  readonly encoding: Encoding | undefined;
  readonly busy: boolean;
  /** The dialogue opens with it. */
  readonly isFirst?: boolean;
  readonly onChange: (changes: { readonly body: string } | { readonly encoding: Encoding }) => void;
  readonly children?: ReactNode;
}

export function BodyField({ id, label, body, encoding, busy, isFirst = false, onChange, children }: BodyFieldProps) {
  return (
    <div className="send-body">
      <div className="send-label">
        <label htmlFor={id}>{label}</label>
        {encoding !== undefined && (
          <Segmented
            label={`${label} is written as`}
            options={[
              { value: 'text', label: 'Text' },
              { value: 'base64', label: 'Base64' },
            ]}
            value={encoding}
            onChange={(chosen) => onChange({ encoding: chosen })}
          />
        )}
      </div>
      <textarea
        id={id}
        className="field mono"
        rows={8}
        spellCheck={false}
        data-first-focus={isFirst ? true : undefined}
        value={body}
        onChange={({ target }) => onChange({ body: target.value })}
        onKeyDown={({ key, ctrlKey, metaKey, currentTarget }) => {
          if (key === 'Enter' && (ctrlKey || metaKey) && !busy) currentTarget.form?.requestSubmit();
        }}
      />
      {children}
    </div>
  );
}
