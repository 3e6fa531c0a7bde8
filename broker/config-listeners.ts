// The part of the configuration that says where the engine listens.

import { z } from 'zod';
import { BrokerError } from './core/errors.ts';

const port = z.number().int().min(0).max(65_535);

const common = {
  host: z.string().min(1).default('127.0.0.1'),
  /** Clients without credentials are let in. Undefined: on loopback only, and only while there are no users. */
  anonymous: z.boolean().optional(),
};

/** Pages whose WebSockets are taken, beside those of this machine and of the host that the page reaches the engine by. */
const origins = z
  .array(
    z.string().regex(/^(\*|null|[a-z][a-z\d+.-]*:\/\/[^/]+)$/, 'expected an origin such as https://example.com, or *'),
  )
  .default([]);

// A bare number is a port; true is the default port, false closes the listener.
function listener(defaultPort: number) {
  const settings = z.strictObject({ ...common, port: port.default(defaultPort) });
  return z.union([
    port.transform((number) => settings.parse({ port: number })),
    z.literal(false),
    z.literal(true).transform(() => settings.parse({})),
    settings,
  ]);
}

function webListener(defaultPort: number) {
  const settings = z.strictObject({ ...common, port: port.default(defaultPort), origins });
  return z.union([
    port.transform((number) => settings.parse({ port: number })),
    z.literal(false),
    z.literal(true).transform(() => settings.parse({})),
    settings,
  ]);
}

const webSocketPort = 61_619;
/** Of those that speak TLS: they are open as soon as there is a certificate. */
const securePorts = { amqps: 5671, mqtts: 8883, stomps: 61_614, wss: webSocketPort } as const;

export const listeners = z
  .strictObject({
    amqp: listener(5672).prefault(true),
    mqtt: listener(1883).prefault(true),
    stomp: listener(61_613).prefault(true),
    amqps: listener(securePorts.amqps).optional(),
    mqtts: listener(securePorts.mqtts).optional(),
    stomps: listener(securePorts.stomps).optional(),
    ws: webListener(webSocketPort).prefault(false),
    wss: webListener(securePorts.wss).optional(),
    /** Finds out from the first bytes what is spoken; with a certificate, TLS too. */
    any: webListener(61_616).prefault(false),
    cloud: listener(4566).prefault(true),
    /** Its clients are never anonymous: they have the console's token. */
    console: listener(8161).prefault(true),
  })
  .prefault({});

type Parsed = z.output<typeof listeners>;
export type ListenerConfig = Exclude<Parsed['amqp'], boolean>;
export type WebListenerConfig = Exclude<Parsed['any'], boolean>;

/** All settled: what is closed is false. */
export interface Listeners {
  readonly amqp: ListenerConfig | false;
  readonly mqtt: ListenerConfig | false;
  readonly stomp: ListenerConfig | false;
  readonly amqps: ListenerConfig | false;
  readonly mqtts: ListenerConfig | false;
  readonly stomps: ListenerConfig | false;
  readonly ws: WebListenerConfig | false;
  readonly wss: WebListenerConfig | false;
  readonly any: WebListenerConfig | false;
  readonly cloud: ListenerConfig | false;
  readonly console: ListenerConfig | false;
}

/** Opens what is open when nothing is said. @throws BrokerError `invalid`: TLS without a certificate. */
export function settleListeners(parsed: Parsed, hasCertificate: boolean): Listeners {
  const settle = <T>(name: keyof typeof securePorts, given: T | false | undefined, standard: () => T): T | false => {
    if (given === undefined) return hasCertificate ? standard() : false;
    if (given !== false && !hasCertificate) {
      throw new BrokerError(
        'invalid',
        `configuration: listeners.${name} needs tls.certificate and tls.key, or tls: own`,
      );
    }
    return given;
  };
  const plain = (name: 'amqps' | 'mqtts' | 'stomps') =>
    settle(name, parsed[name], () => ({ host: '127.0.0.1', port: securePorts[name] }));
  const wss = settle('wss', parsed.wss, () => ({ host: '127.0.0.1', port: securePorts.wss, origins: [] }));
  const { ws } = parsed;
  if (ws !== false && wss !== false && ws.port === wss.port && ws.port !== 0 && ws.host === wss.host) {
    throw new BrokerError('invalid', `configuration: listeners.ws and listeners.wss cannot both have port ${ws.port}`);
  }
  return { ...parsed, amqps: plain('amqps'), mqtts: plain('mqtts'), stomps: plain('stomps'), ws, wss };
}
