// One message, looked at without being consumed: why it died, its body, its headers with their types.

import type { ReactNode } from 'react';
import type { PeekedMessage } from '../../../broker/control/api-messages.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icons.tsx';
import { count, dateAndTime, duration } from '../../format.ts';
import { MessageBody } from './message-body.tsx';

interface MessageDetailProps {
  readonly message: PeekedMessage;
  /** The engine's time. */
  readonly now: number;
}

export function MessageDetail({ message, now }: MessageDetailProps) {
  const { dead, dueAt, expiresAt } = message;
  return (
    <div className="message-detail">
      {dead !== undefined && (
        <div className="message-dead">
          <Icon name="warning" />
          <p>
            <strong>Dead-lettered: {dead.reason}.</strong> From <code>{dead.origin}</code>, {dateAndTime(dead.at)}.
          </p>
        </div>
      )}
      <MessageBody message={message} />
      <section aria-label="Properties">
        <div className="message-section-head">
          <h2>Properties</h2>
          <span className="soft">{count(message.headers.length)}</span>
        </div>
        {message.headers.length === 0 ? (
          <p className="soft">None.</p>
        ) : (
          <table className="headers">
            <thead className="visually-hidden">
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Type</th>
                <th scope="col">Value</th>
              </tr>
            </thead>
            <tbody>
              {message.headers.map(({ name, type, value }, index) => (
                // oxlint-disable-next-line react/no-array-index-key -- names may repeat, and the list never changes
                <tr key={index}>
                  <th scope="row">{name}</th>
                  <td className="soft">{type}</td>
                  <td>
                    <code>{value}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section aria-label="Delivery">
        <div className="message-section-head">
          <h2>Delivery</h2>
        </div>
        <dl className="delivery">
          <Item name="Id" wide>
            <code>{message.id}</code> <CopyButton text={message.id} what="message id" />
          </Item>
          <Item name="State">{message.state}</Item>
          <Item name="Attempts">{count(message.attempts)}</Item>
          <Item name="Sent" wide>
            {dateAndTime(message.timestamp)}, {duration(now - message.timestamp)} ago
          </Item>
          {dueAt !== undefined && <Item name="Ready at">{dateAndTime(dueAt)}</Item>}
          {expiresAt !== undefined && <Item name="Expires">{dateAndTime(expiresAt)}</Item>}
          <Item name="Durable">{message.durable ? 'yes' : 'no'}</Item>
          <Item name="Priority">{message.priority}</Item>
          {message.contentType !== undefined && <Item name="Content type">{message.contentType}</Item>}
          <Item name="Position">{message.position}</Item>
        </dl>
      </section>
    </div>
  );
}

interface ItemProps {
  readonly name: string;
  readonly children: ReactNode;
  /** Has a line to itself. */
  readonly wide?: boolean;
}

/** A name and its value, in a list of class `delivery`. */
export function Item({ name, children, wide = false }: ItemProps) {
  return (
    <div data-wide={wide}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
