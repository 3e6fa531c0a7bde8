// Copies a text, and says that it has.

import { useEffect, useState } from 'react';
import { Icon } from './icons.tsx';

const shownMs = 1_500;

interface CopyButtonProps {
  readonly text: string | (() => string);
  /** What is copied, for the label: `Copy address`. */
  readonly what: string;
  /** Shows the label beside the icon. */
  readonly labelled?: boolean;
}

export function CopyButton({ text, what, labelled = false }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'copied' | 'failed'>();

  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async () => {
    setOutcome((await copyText(typeof text === 'string' ? text : text())) ? 'copied' : 'failed');
  };
  const label = `Copy ${what}`;
  return (
    <button
      type="button"
      className={labelled ? 'button' : 'button button-quiet button-icon'}
      aria-label={label}
      title={label}
      onClick={() => void copy()}
    >
      <Icon name={outcome === 'copied' ? 'check' : outcome === 'failed' ? 'warning' : 'copy'} />
      {labelled && <span>{outcome === 'copied' ? 'Copied' : 'Copy'}</span>}
      <output className="visually-hidden">
        {outcome === 'copied' ? 'copied' : outcome === 'failed' ? 'could not copy' : ''}
      </output>
    </button>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // no clipboard interface: the page came over plain HTTP from another machine
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  document.body.append(field);
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  return copied;
}
