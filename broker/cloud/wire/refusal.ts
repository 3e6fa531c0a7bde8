// A refusal as the services on version 1.1 of the JSON wire and on CBOR send it: the bare name of the exception.

import { commonErrors } from '../errors.ts';
import type { AwsError, ErrorKind } from '../errors.ts';

/** These have no message. */
const silent: ReadonlySet<ErrorKind> = new Set([commonErrors.unknownOperation, commonErrors.internalFailure]);

export function plainRefusal({ kind, message }: AwsError): Readonly<Record<string, string>> {
  const name = kind.type.slice(kind.type.indexOf('#') + 1);
  if (message === '' || silent.has(kind)) return { __type: name };
  // What is refused before the service sees it is worded by another layer, with a capital letter.
  return kind === commonErrors.serialization ? { __type: name, Message: message } : { __type: name, message };
}
