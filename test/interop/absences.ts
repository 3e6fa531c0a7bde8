// What is not there, how a client asks for it, and what it is answered: the table of docs/compatibility.md, "Not there yet".

/** A link as rhea opens it. */
export type AmqpAsk = Readonly<Record<string, unknown>>;

export interface StompAsk {
  readonly command: 'SEND' | 'SUBSCRIBE';
  readonly headers: Readonly<Record<string, string>>;
}

interface Absence {
  readonly what: string;
  /** In words, where what is sent does not say it. */
  readonly asked: string;
  readonly answer: string;
}

export interface AmqpAbsence extends Absence {
  readonly receiver: AmqpAsk;
}

function receiver(what: string, asked: string, source: AmqpAsk, reason: string): AmqpAbsence {
  return { what, asked, receiver: { source }, answer: `amqp:not-implemented: ${reason}` };
}

export const overAmqp: readonly AmqpAbsence[] = [
  receiver(
    'browsing several queues at once',
    'the distribution mode `copy` of `queue://orders.>`',
    { address: 'queue://orders.>', distribution_mode: 'copy' },
    'only one queue can be browsed at a time',
  ),
  receiver(
    'dynamic nodes that are not temporary',
    'a dynamic source with the capability `queue`',
    { dynamic: true, capabilities: ['queue'] },
    'a dynamic node is a temporary one, and no queue',
  ),
];

export interface StompAbsence extends Absence, StompAsk {}

function subscribe(what: string, headers: Readonly<Record<string, string>>, answer: string): StompAbsence {
  return { what, asked: frameText('SUBSCRIBE', headers), command: 'SUBSCRIBE', headers, answer };
}

function frameText(command: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `\`${name}:${value}\``);
  return `${command} with ${lines.join(', ')}`;
}

export const overStomp: readonly StompAbsence[] = [
  subscribe(
    'browsing several queues at once',
    { destination: '/queue/orders.>', browser: 'true' },
    'browser is for one queue',
  ),
];

export interface ConfigurationAbsence extends Absence {
  readonly set: string;
}

function key(what: string, path: string, value: string): ConfigurationAbsence {
  const set = `${path}=${value}`;
  return { what, asked: `\`--set ${set}\``, set, answer: `unknown key "${path}"` };
}

export const inConfiguration: readonly ConfigurationAbsence[] = [
  key('OpenWire', 'listeners.openwire', '61616'),
  key('networks of brokers', 'networkConnectors', 'static:(tcp://broker.example:61616)'),
  key('users in LDAP', 'access.ldap', 'ldap://ldap.example'),
  key('tokens of OAuth 2', 'access.oauth2', 'https://login.example'),
];
