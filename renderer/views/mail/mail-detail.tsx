// One mail, text message or push: its body, to whom it went, and, where a subscription waits for it, the link that confirms.

import { useMemo } from 'react';
import type { MailRow } from '../../../broker/control/api-cloud.ts';
import type { PeekedBody } from '../../../broker/control/api-messages.ts';
import { useLive } from '../../client/console.tsx';
import { useAnswer } from '../../client/use-answer.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { dateAndTime, duration } from '../../format.ts';
import { hrefOf } from '../../router.ts';
import { MessageBody } from '../destination/message-body.tsx';
import { Item } from '../destination/message-detail.tsx';
import { RelayBadge, storyOf } from './relay-badge.tsx';
import { kindOf, nameOf, topicOf } from './kinds.ts';

/** It does not change; this is for an engine that was away. */
const everyMs = 60_000;

/** It has an object on the page, and opens no windows. */
const isDesktopApp = 'causeway' in window;

/** `mail`: as the list has it, with the beginning of its body. */
export function MailDetail({ mail }: { readonly mail: MailRow }) {
  const { position } = mail;
  const request = useMemo(() => ({ after: position - 1, limit: 1 }), [position]);
  const { answer, failure } = useAnswer('mailbox', request, everyMs);
  const whole = answer?.mails.find((found) => found.position === position);
  const body = useMemo(() => (whole === undefined ? undefined : bodyOf(whole)), [whole]);
  return (
    <div className="message-detail">
      {mail.confirmationUrl !== undefined && <Confirmation url={mail.confirmationUrl} />}
      <section aria-label="Message">
        <div className="message-section-head mail-subject">
          <h2>{mail.subject ?? nameOf(mail)}</h2>
        </div>
        <Facts mail={mail} />
      </section>
      {body === undefined ? (
        <p className={failure === undefined ? 'soft' : 'error-text'}>
          {failure ?? (answer === undefined ? 'Reading…' : 'It has been deleted meanwhile.')}
        </p>
      ) : (
        <MessageBody message={body} />
      )}
    </div>
  );
}

function Confirmation({ url }: { readonly url: string }) {
  return (
    <div className="mail-confirmation">
      {isDesktopApp ? (
        <p>
          <strong>A subscription waits to be confirmed.</strong>{' '}
          <span className="soft">The app opens no other pages: copy the link, and visit it in a browser.</span>
        </p>
      ) : (
        <p>
          <a href={url} target="_blank" rel="noreferrer">
            Confirm the subscription
          </a>{' '}
          <span className="soft">by visiting this link, as its reader would.</span>
        </p>
      )}
      <CopyButton text={url} what="link" labelled />
    </div>
  );
}

function Facts({ mail }: { readonly mail: MailRow }) {
  const { at: now, destinations } = useLive();
  const { to, topicArn, at, id, relay } = mail;
  const topic = `sns:${topicArn ?? ''}`;
  return (
    <dl className="delivery">
      <Item name="To" wide>
        <span>{to}</span> <CopyButton text={to} what="recipient" />
      </Item>
      <Item name="Kind">{kindOf(mail)}</Item>
      {topicArn !== undefined && (
        <Item name="Topic">
          {destinations.get(topic) === undefined ? (
            <span title={topicArn}>{topicOf(mail)}</span>
          ) : (
            <a href={hrefOf('destinations', topic)} title={topicArn}>
              {topicOf(mail)}
            </a>
          )}
        </Item>
      )}
      <Item name="Sent" wide>
        {dateAndTime(at)}, {duration(now - at)} ago
      </Item>
      {relay !== undefined && (
        <Item name="Relay" wide>
          <span className="mail-relay">
            <RelayBadge relay={relay} /> <span>{storyOf(relay, now)}</span>
          </span>
        </Item>
      )}
      <Item name="Id" wide>
        <code>{id}</code> <CopyButton text={id} what="message id" />
      </Item>
    </dl>
  );
}

/** As MessageBody takes it. */
function bodyOf({ body, bodyBytes }: MailRow): PeekedBody {
  const bytes = new TextEncoder().encode(body);
  const binary = Array.from(bytes, (byte) => String.fromCodePoint(byte)).join('');
  return { bodyBytes, bodyBase64: btoa(binary), bodyIsText: true };
}
