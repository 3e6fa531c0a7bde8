// The client frames of a connected session, and who handles them (STOMP 1.2, "Client Frames"). A receipt is the
// connection's business: it may be asked for on each of them.

import { BrokerError } from '../../core/errors.ts';
import { handleAck, handleNack } from './handle-ack.ts';
import { handleSend } from './handle-send.ts';
import { handleSubscribe } from './handle-subscribe.ts';
import { handleAbort, handleBegin, handleCommit } from './handle-transaction.ts';
import { handleUnsubscribe } from './handle-unsubscribe.ts';
import type { Session } from './session.ts';
import type { Frame } from './wire/frame.ts';

/** What is to happen once the frame is processed, and its receipt sent. */
type Afterwards = () => void;

/** @throws BrokerError for what is to be answered with ERROR. */
type Handler = (session: Session, frame: Frame) => Afterwards | undefined;

const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['SEND', handleSend],
  ['SUBSCRIBE', handleSubscribe],
  ['UNSUBSCRIBE', handleUnsubscribe],
  // What ActiveMQ has always taken for these as well.
  ['SUB', handleSubscribe],
  ['UNSUB', handleUnsubscribe],
  ['ACK', handleAck],
  ['NACK', handleNack],
  ['BEGIN', handleBegin],
  ['COMMIT', handleCommit],
  ['ABORT', handleAbort],
  // How a connection ends is its own affair: see connection.ts.
  ['DISCONNECT', () => undefined],
  ['CONNECT', refuseSecondConnect],
  ['STOMP', refuseSecondConnect],
]);

/** "For such a frame a STOMP 1.2 server MAY respond with an ERROR frame and then close the connection." */
export function handle(session: Session, frame: Frame): Afterwards | undefined {
  const handler = handlers.get(frame.command);
  if (handler === undefined) throw new BrokerError('invalid', `unknown command "${frame.command}"`);
  return handler(session, frame);
}

function refuseSecondConnect(_: Session, { command }: Frame): never {
  throw new BrokerError('not-allowed', `${command} on a connection that is connected already`);
}
