// The body of a message: as text, as JSON set out in lines, or in hexadecimal.

import { useMemo, useState } from 'react';
import type { PeekedBody } from '../../../broker/control/api-messages.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { bytes } from '../../format.ts';
import type { BodyFormat, JsonToken } from './body-formats.ts';
import { Coloured } from './json-text.tsx';
import { decodeBase64, hexOf, isJson, layOutJson, textOf } from './body-formats.ts';

/** Beyond this many tokens colours cost more than they help. */
const colouredTokens = 4_000;

/** `title`: what the body is called there. */
export function MessageBody({ message, title = 'Body' }: { readonly message: PeekedBody; readonly title?: string }) {
  const [chosen, setChosen] = useState<BodyFormat>();
  const body = useMemo(() => decodeBase64(message.bodyBase64), [message.bodyBase64]);
  const text = useMemo(() => (message.bodyIsText ? textOf(body) : undefined), [body, message.bodyIsText]);
  const json = useMemo(() => (text !== undefined && isJson(text) ? layOutJson(text) : undefined), [text]);

  const preferred = json !== undefined ? 'json' : text !== undefined ? 'text' : 'hex';
  const possible = { json: json !== undefined, text: text !== undefined, hex: true };
  const format = chosen !== undefined && possible[chosen] ? chosen : preferred;
  const shown = format === 'json' ? plainText(json ?? []) : format === 'text' ? (text ?? '') : hexOf(body);

  return (
    <section className="message-body" aria-label={title}>
      <div className="message-section-head">
        <h2>{title}</h2>
        <span className="soft">
          {body.length < message.bodyBytes
            ? `first ${bytes(body.length)} of ${bytes(message.bodyBytes)}`
            : bytes(message.bodyBytes)}
        </span>
        <div className="message-section-end">
          <Segmented
            label={`Show ${title.toLowerCase()} as`}
            options={[
              { value: 'json', label: 'JSON', disabled: !possible.json },
              { value: 'text', label: 'Text', disabled: !possible.text },
              { value: 'hex', label: 'Hex' },
            ]}
            value={format}
            onChange={setChosen}
          />
          <CopyButton text={shown} what={`${title.toLowerCase()} as shown`} />
        </div>
      </div>
      {message.bodyBytes === 0 ? (
        <p className="soft">There is nothing in it.</p>
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
        <pre className="body-text" data-format={format} tabIndex={0} aria-label={`${title} as shown`}>
          {format === 'json' && json !== undefined && json.length <= colouredTokens ? (
            <Coloured tokens={json} />
          ) : (
            shown
          )}
        </pre>
      )}
    </section>
  );
}

function plainText(tokens: readonly JsonToken[]): string {
  return tokens.map(({ text }) => text).join('');
}
