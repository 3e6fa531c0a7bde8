// BEGIN, COMMIT and ABORT (STOMP 1.2, of these names). What belongs to a transaction names it: see session.transactionOf.

import { requireHeader } from './headers.ts';
import type { Session } from './session.ts';
import type { Frame } from './wire/frame.ts';

export function handleBegin(session: Session, frame: Frame): undefined {
  session.begin(requireHeader(frame, 'transaction'));
}

export function handleCommit(session: Session, frame: Frame): undefined {
  const transaction = session.end(requireHeader(frame, 'transaction'));
  transaction.release();
  session.commits.commitOwn(transaction.core, transaction.operations, transaction.bytes);
}

export function handleAbort(session: Session, frame: Frame): undefined {
  session.end(requireHeader(frame, 'transaction')).abort();
}
