// What the doctor tries: an address, what carries the bytes, and which protocol is spoken over it.

import { BrokerError } from '../core/errors.ts';

export interface Target {
  /** The listener's name in the configuration, or the address as it was given. */
  readonly name: string;
  readonly protocol: 'amqp' | 'mqtt' | 'stomp';
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly webSocket: boolean;
  /** Of a WebSocket. */
  readonly path?: string;
  /** Whether the certificate must be for `host`: not where the listener's own address was tried. */
  readonly checksName: boolean;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

export const protocolNames = { amqp: 'AMQP 1.0', mqtt: 'MQTT', stomp: 'STOMP' } as const;
const protocols = ['amqp', 'mqtt', 'stomp'] as const;

/** What each scheme says; of a WebSocket, all protocols are tried. */
const schemes: Readonly<
  Record<string, { readonly of: readonly Target['protocol'][]; readonly tls: boolean; readonly port: number }>
> = {
  amqp: { of: ['amqp'], tls: false, port: 5672 },
  amqps: { of: ['amqp'], tls: true, port: 5671 },
  'amqp+ssl': { of: ['amqp'], tls: true, port: 5671 },
  mqtt: { of: ['mqtt'], tls: false, port: 1883 },
  mqtts: { of: ['mqtt'], tls: true, port: 8883 },
  'mqtt+ssl': { of: ['mqtt'], tls: true, port: 8883 },
  stomp: { of: ['stomp'], tls: false, port: 61_613 },
  stomps: { of: ['stomp'], tls: true, port: 61_614 },
  'stomp+ssl': { of: ['stomp'], tls: true, port: 61_614 },
  ws: { of: protocols, tls: false, port: 61_619 },
  wss: { of: protocols, tls: true, port: 61_619 },
};

/** @throws BrokerError `invalid`. */
export function targetsOfUrl(text: string): readonly Target[] {
  const [, schemeName = '', rest = ''] = /^([a-z+]+):\/\/(.+)$/.exec(text) ?? [];
  const scheme = schemes[schemeName];
  // Schemes that URL does not know keep no port and no host in older systems: http is read alike everywhere.
  if (scheme === undefined || !URL.canParse(`http://${rest}`)) {
    throw new BrokerError(
      'invalid',
      `--url "${text}": expected one of ${Object.keys(schemes).join(', ')}, as in mqtts://HOST:PORT`,
    );
  }
  const { hostname, port, pathname, username, password } = new URL(`http://${rest}`);
  if (username !== '' || password !== '') {
    throw new BrokerError('invalid', '--url: name the user by --user; the password comes from standard input');
  }
  // 80 is what URL leaves out.
  const given = /^[^/]*:80(\/|$)/.test(rest) ? '80' : port;
  return scheme.of.map((protocol) => ({
    name: text,
    protocol,
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: given === '' ? scheme.port : Number(given),
    tls: scheme.tls,
    webSocket: schemeName.startsWith('ws'),
    path: pathname,
    checksName: true,
  }));
}

/** For each of the configuration's listeners. `any` is asked for all that it takes. */
export function targetsOfListener(
  name: string,
  host: string,
  port: number,
  hasCertificate: boolean,
): readonly Target[] {
  const common = { name, host: reachable(host), port, checksName: false };
  const webSocket = name === 'ws' || name === 'wss';
  const only = protocols.find((protocol) => name === protocol || name === `${protocol}s`);
  const tls = only === undefined ? name === 'wss' : name !== only;
  const plain = (only === undefined ? protocols : [only]).map((protocol) => ({ ...common, protocol, tls, webSocket }));
  if (name !== 'any') return plain;
  const overWebSocket = { ...common, protocol: 'mqtt', tls: false, webSocket: true } as const;
  const secure = plain.map((target) => ({ ...target, tls: true }));
  return [...plain, overWebSocket, ...(hasCertificate ? secure : [])];
}

/** Every address is not one to connect to. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

export function describe({ protocol, host, port, tls, webSocket }: Target): string {
  const means = [...(webSocket ? ['WebSocket'] : []), ...(tls ? ['TLS'] : [])];
  const over = means.length === 0 ? '' : ` over ${means.join(' in ')}`;
  return `${protocolNames[protocol]}${over} on ${host.includes(':') ? `[${host}]` : host}:${port}`;
}
