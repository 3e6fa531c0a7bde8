// What is wrong, in a sentence, and how systems, TLS and clients say it.

import { BrokerError } from '../core/errors.ts';
import { codeOf, messageOf, networkWords, tlsWords } from '../util/network-words.ts';

/** A thing that went wrong, in words for a person. */
export function ailment(message: string, cause?: unknown): BrokerError {
  return new BrokerError('not-allowed', message, { cause });
}

/** By the code of the error. */
const ofNetwork: Readonly<Record<string, string>> = {
  ...networkWords,
  ECONNREFUSED: 'nothing listens there: the engine does not run, is a standby, or this listener is closed',
};

const ofTls: Readonly<Record<string, string>> = {
  ...tlsWords('by --ca', 'give one by --cert and --key'),
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it does not take this version of TLS',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'it does not trust the certificate of the client',
  ECONNRESET: 'the connection was closed in the middle of TLS: the port does not speak it, or refuses the client',
};

export function networkAilment(error: unknown): BrokerError {
  return ailment(ofNetwork[codeOf(error)] ?? messageOf(error), error);
}

export function tlsAilment(error: unknown): BrokerError {
  return ailment(ofTls[codeOf(error)] ?? `TLS failed: ${messageOf(error)}`, error);
}

/** What a client says when it is not let in. */
const refusals =
  /suitable mechanism|authenti|not authorized|bad user|credentials|login|passcode|unauthorized|identifier rejected/i;
/** What a client says of an operation that is not allowed; to MQTT 3.1.1 every refused subscription is alike. */
const denials = /unauthorized-access|may not|permission|not authorized|subscribe error/i;

/** Of a client that has a connection but is not let in. `answer`: the first bytes that came, if any. */
export function loginAilment(error: unknown, protocol: string, answer: Buffer, hasLogin: boolean): BrokerError {
  const spoken = spokenBy(answer, protocol);
  if (spoken !== undefined) return ailment(`the port does not speak ${protocol} but ${spoken}`, error);
  const message = messageOf(error);
  if (refusals.test(message)) {
    const advice = hasLogin ? 'the user is unknown, or the password wrong' : 'clients need a user: name one by --user';
    return ailment(`it does not let the client in: ${advice} (${message})`, error);
  }
  if (answer.length > 0) return ailment(`it does not let the client in: ${message}`, error);
  return ailment(
    `it ends the connection without a word: the port may speak another protocol than ${protocol}, or TLS; or the client is refused before it is heard (limits on connections, certificates)`,
    error,
  );
}

/** Of a client that was let in, and whose message did not come back. */
export function tripAilment(error: unknown, user: string): BrokerError {
  const message = messageOf(error);
  if (denials.test(message)) return ailment(`${user} may not do it: ${message}`, error);
  if (/full|disk|space/i.test(message)) return ailment(`it takes no messages: ${message}`, error);
  return ailment(`the message did not come back: ${message}`, error);
}

/** How answers begin, of whatever may stand on a port. */
const beginnings = [
  ['HTTP/', 'HTTP'],
  ['AMQP\0\0\x09', 'AMQP 0-9-1'],
  ['AMQP', 'AMQP 1.0'],
  ['ERROR\n', 'STOMP'],
  ['\x20\x02', 'MQTT'],
  ['\x15\x03', 'TLS'],
  ['SSH-', 'SSH'],
] as const;

/** What a port speaks that answers like this, if it is not what was asked for. */
function spokenBy(answer: Buffer, protocol: string): string | undefined {
  const text = answer.toString('latin1');
  if (text.includes('\x01ActiveMQ')) return 'OpenWire';
  const [, spoken] = beginnings.find(([beginning]) => text.startsWith(beginning)) ?? [];
  return spoken === protocol ? undefined : spoken;
}
