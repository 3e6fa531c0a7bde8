// Hands a mail to the SMTP relay [RFC 5321], a connection for each, and says what became of it. How the mail looks is here too:
// From, Subject and the rest as in the mails of SNS.

import type { Transporter } from 'nodemailer';
import type { MailSender, OutgoingMail, SendResult } from './relay.ts';

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the start. */
  readonly secure: boolean;
  /** STARTTLS: `required`, taken if it is offered, or `never`. */
  readonly startTls: 'required' | 'offered' | 'never';
  /** Authorities that are trusted, in PEM; undefined: the usual ones. */
  readonly ca: string | undefined;
  readonly credentials: { readonly user: string; readonly password: string } | undefined;
  readonly from: string;
}

const connectMs = 10_000;
const silenceMs = 30_000;

export class SmtpSender implements MailSender {
  readonly #settings: SmtpSettings;
  #transporter: Promise<Transporter> | undefined;

  constructor(settings: SmtpSettings) {
    this.#settings = settings;
  }

  async send(mail: OutgoingMail, signal: AbortSignal): Promise<SendResult> {
    const { from } = this.#settings;
    try {
      const transporter = await (this.#transporter ??= open(this.#settings));
      const { response } = await transporter.sendMail({
        envelope: { from, to: [mail.to] },
        from: { name: mail.senderName, address: from },
        to: { name: '', address: mail.to },
        subject: mail.subject,
        // The same at each attempt: whoever gets it twice can tell.
        messageId: `<${mail.key}@${from.slice(from.lastIndexOf('@') + 1)}>`,
        date: new Date(mail.at),
        headers: {
          'x-amz-sns-message-id': mail.id,
          ...(mail.subscriptionArn === '' ? {} : { 'x-amz-sns-subscription-arn': mail.subscriptionArn }),
        },
        text: mail.text + mail.footer,
        // Lines may be of any length, and are not to be broken.
        textEncoding: 'quoted-printable',
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      });
      return { outcome: 'sent', statusCode: 250, response: response ?? '' };
    } catch (error) {
      return refusalOf(error);
    }
  }
}

async function open({ host, port, secure, startTls, ca, credentials }: SmtpSettings): Promise<Transporter> {
  // Loaded when there is something to send: most engines never do.
  const { createTransport } = await import('nodemailer');
  return createTransport({
    host,
    port,
    secure,
    requireTLS: startTls === 'required',
    ignoreTLS: startTls === 'never',
    tls: { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
    ...(credentials === undefined
      ? {}
      : { auth: { user: credentials.user, pass: credentials.password }, forceAuth: true }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: silenceMs,
  });
}

function refusalOf(error: unknown): SendResult {
  const { code, command, responseCode, response: reply } = detailsOf(error);
  const response = typeof reply === 'string' ? reply : error instanceof Error ? error.message : String(error);
  const statusCode = typeof responseCode === 'number' ? responseCode : 0;
  // A reply to MAIL FROM is about us. 421: the service is about to close [RFC 5321, 3.8]
  const isOfMail = (code === 'EENVELOPE' || code === 'EMESSAGE') && statusCode !== 421;
  if (!isOfMail || (command === 'MAIL FROM' && statusCode !== 0)) return { outcome: 'away', statusCode, response };
  // Without a reply it is ours, such as an address that cannot be sent to.
  const isFinal = statusCode >= 500 || statusCode === 0;
  return { outcome: isFinal ? 'refused' : 'deferred', statusCode, response };
}

/** nodemailer says more of an error than its type does. */
function detailsOf(error: unknown): Readonly<Record<'code' | 'command' | 'responseCode' | 'response', unknown>> {
  const of = (name: string): unknown => (error instanceof Error ? Reflect.get(error, name) : undefined);
  return { code: of('code'), command: of('command'), responseCode: of('responseCode'), response: of('response') };
}
