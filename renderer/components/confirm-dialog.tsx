// Asks before something that cannot be undone. The button says what will happen; the other one has the focus.

import type { ReactNode } from 'react';
import { useState } from 'react';
import { messageOf } from '../client/engine-client.ts';
import { Dialog } from './dialog.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  readonly action: string;
  /** What the other button says. */
  readonly dismiss?: string;
  readonly children: ReactNode;
  /** Closes the dialogue when it resolves; what it throws is shown. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, action, dismiss = 'Cancel', children, onConfirm, onClose } = props;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  const confirm = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setFailure(messageOf(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-body">
        {children}
        <div className="dialog-actions">
          <p className="dialog-outcome error-text" role="alert">
            {failure}
          </p>
          <button type="button" className="button" data-first-focus onClick={onClose}>
            {dismiss}
          </button>
          <button type="button" className="button button-danger-primary" disabled={busy} onClick={() => void confirm()}>
            {action}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
