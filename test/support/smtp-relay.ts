// An SMTP relay on a port of loopback, which keeps what it takes.

import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** By names in lower case, unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  /** Decoded, with lines that end as text here does. */
  readonly text: string;
  /** Who logged in. */
  readonly user: string | undefined;
  readonly encrypted: boolean;
}

export interface SmtpRelay extends AsyncDisposable {
  readonly port: number;
  readonly taken: TakenMail[];
  /** Resolves once that many have been taken, with the last of them. */
  took(count: number): Promise<TakenMail>;
}

/** `port`: 0 for any free one. */
export async function smtpRelay(options: SMTPServerOptions = {}, port = 0): Promise<SmtpRelay> {
  const taken: TakenMail[] = [];
  const waiting: { readonly count: number; readonly resolve: (mail: TakenMail) => void }[] = [];
  const server = new SMTPServer({
    authOptional: options.onAuth === undefined,
    disabledCommands: options.secure === true || options.key !== undefined ? [] : ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user,
          encrypted: session.secure,
          ...parse(Buffer.concat(chunks).toString()),
        });
        done();
        for (const { count, resolve } of waiting) if (taken.length >= count) resolve(taken[count - 1]!);
      });
    },
    ...options,
  });
  // A client that goes away in the middle is no fault of the test.
  server.on('error', () => undefined);
  const listener = server.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    taken,
    took: (count) =>
      new Promise((resolve) => {
        const last = taken[count - 1];
        if (last === undefined) waiting.push({ count, resolve });
        else resolve(last);
      }),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

function parse(raw: string): Pick<TakenMail, 'headers' | 'text'> {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { headers, text: unquote(rest.join('\r\n\r\n')).replaceAll('\r\n', '\n') };
}

/** Quoted-printable [RFC 2045, 6.7]. */
function unquote(text: string): string {
  const bytes = text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([\dA-F]{2})/g, (_, digits: string) => String.fromCodePoint(parseInt(digits, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
