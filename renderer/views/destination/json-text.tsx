// JSON in lines and colours.

import { useMemo } from 'react';
import type { JsonToken } from './body-formats.ts';
import { layOutJson } from './body-formats.ts';

/** `text`: what `isJson` has accepted. */
export function JsonText({ text }: { readonly text: string }) {
  return <Coloured tokens={useMemo(() => layOutJson(text), [text])} />;
}

export function Coloured({ tokens }: { readonly tokens: readonly JsonToken[] }) {
  return tokens.map(({ kind, text }, index) =>
    kind === 'plain' ? (
      text
    ) : (
      // oxlint-disable-next-line react/no-array-index-key -- tokens have no other identity and never move
      <span key={index} data-token={kind}>
        {text}
      </span>
    ),
  );
}
