// In place of the page where the engine does not let it in: why, and what to do.

import { useState } from 'react';
import { openWithToken } from '../client/token.ts';
import { BrandMark } from './icons.tsx';

const reasons = {
  'no-token': {
    title: 'This console needs its token',
    text: 'The engine prints the address of its console, with the token in it, when it starts. Open that address:',
  },
  unauthorized: {
    title: 'The engine does not accept this token',
    text: 'It may have been started anew, or it is another engine than before. Open the address that it printed:',
  },
  'other-version': {
    title: 'The engine is of another version than this page',
    text: 'Reload the page to get the one that belongs to the engine.',
  },
} as const;

export function Gate({ reason }: { readonly reason: keyof typeof reasons }) {
  const { title, text } = reasons[reason];
  return (
    <main className="gate">
      <div className="panel gate-card">
        <BrandMark />
        <h1>{title}</h1>
        <p className="soft">{text}</p>
        {reason === 'other-version' ? (
          <button type="button" className="button button-primary" onClick={() => location.reload()}>
            Reload
          </button>
        ) : (
          <TokenForm />
        )}
      </div>
    </main>
  );
}

function TokenForm() {
  const [pasted, setPasted] = useState('');
  return (
    <>
      <pre>{`"consoleUrl":"${location.origin}/?token=…"`}</pre>
      <p className="soft">Or paste it here, whole or only the token:</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          openWithToken(pasted.trim());
        }}
      >
        <input
          className="field"
          aria-label="Address or token"
          autoComplete="off"
          spellCheck={false}
          value={pasted}
          onChange={(event) => setPasted(event.target.value)}
        />
        <button type="submit" className="button button-primary" disabled={pasted.trim() === ''}>
          Open
        </button>
      </form>
    </>
  );
}
