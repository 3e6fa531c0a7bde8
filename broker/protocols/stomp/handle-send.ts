// SEND (STOMP 1.2, "SEND"). What ActiveMQ makes of its headers is in message-from-frame.ts.

import { parseTarget } from './destination.ts';
import { requireHeader } from './headers.ts';
import { messageFromFrame } from './message-from-frame.ts';
import type { Session } from './session.ts';
import type { Frame } from './wire/frame.ts';

/** About what a message costs besides its body, until it is committed. */
const overheadBytes = 512;

export function handleSend(session: Session, frame: Frame): undefined {
  const { broker, client, commits } = session;
  const to = parseTarget(requireHeader(frame, 'destination'));
  const own = session.transactionOf(frame);
  const kept = { ...frame, body: session.bodies.keep(frame.body) };
  const { message, delayMs } = messageFromFrame(kept, to, session.nextMessageId(), session.clock.now());
  const bytes = frame.body.length + overheadBytes;
  own?.count(bytes);
  broker.send(own?.core ?? commits.transaction, to, message, { publisher: session, delayMs });
  if (own === undefined) commits.count(bytes);
  client.messagesIn += 1;
}
