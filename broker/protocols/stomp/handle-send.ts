// SEND (STOMP 1.2, "SEND"). What ActiveMQ makes of its headers is in message-from-frame.ts.

import { requireHeader } from './headers.ts';
import type { SendOptions } from '../../core/broker.ts';
import { messageFromFrame } from './message-from-frame.ts';
import type { Sent } from './message-from-frame.ts';
import type { Session } from './session.ts';
import type { Frame } from './wire/frame.ts';

/** About what a message costs besides its body, until it is committed. */
const overheadBytes = 512;

export function handleSend(session: Session, frame: Frame): undefined {
  const { broker, client, commits, names } = session;
  const targets = names.targets(requireHeader(frame, 'destination'));
  for (const target of targets) session.authorize('write', target);
  const own = session.transactionOf(frame);
  const kept = { ...frame, body: session.bodies.keep(frame.body) };
  const id = session.nextMessageId();
  const sent = messageFromFrame(kept, targets[0]!.address, id, session.clock.now(), names);
  const message = session.user === undefined ? sent.message : { ...sent.message, userId: session.user };
  const options = sent.delayMs === 0 && sent.schedule === undefined ? session.sendOptions : optionsOf(session, sent);
  const bytes = frame.body.length + overheadBytes;
  for (const target of targets) {
    own?.count(bytes);
    // Each destination of a composite gets a message that says it was sent there.
    const its = target.address === message.to ? message : { ...message, to: target.address };
    broker.send(own?.core ?? commits.transaction, target, its, options);
    if (own === undefined) commits.count(bytes);
  }
  client.messagesIn += 1;
  const room = session.heldBack(targets);
  if (room !== undefined) commits.hold(room);
}

function optionsOf(publisher: Session, { delayMs, schedule }: Sent): SendOptions {
  return { publisher, delayMs, schedule };
}
