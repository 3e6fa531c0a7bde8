// Addresses of the engine's listeners, and for each a command that is ready to run and shows that it works.

export interface Address {
  readonly host: string;
  readonly port: number;
}

interface Protocol {
  readonly label: string;
  readonly scheme: string;
  /** What the command needs. */
  readonly needs?: string;
  readonly command?: (address: Address) => string;
}

/** By the listener's name in the configuration. */
const protocols: Readonly<Record<string, Protocol>> = {
  amqp: {
    label: 'AMQP 1.0',
    scheme: 'amqp',
    needs: 'node, rhea',
    command: ({ host, port }) =>
      `node -e "require('rhea').connect({host:'${host}',port:${port},reconnect:false}).open_sender('orders')` +
      `.once('sendable',e=>e.sender.send({body:'hello'})).once('accepted',e=>e.connection.close())"`,
  },
  amqps: { label: 'AMQP 1.0, TLS', scheme: 'amqps' },
  mqtt: { label: 'MQTT 3.1.1', scheme: 'mqtt', needs: 'mosquitto-clients', command: mosquittoPublish },
  mqtts: { label: 'MQTT 3.1.1, TLS', scheme: 'mqtts' },
  stomp: {
    label: 'STOMP 1.2',
    scheme: 'stomp',
    needs: 'netcat',
    command: ({ host, port }) =>
      String.raw`printf 'CONNECT\naccept-version:1.2\nhost:/\n\n\000SEND\ndestination:/queue/orders\n\nhello\000` +
      String.raw`DISCONNECT\nreceipt:1\n\n\000' | nc ${host} ${port}`,
  },
  stomps: { label: 'STOMP 1.2, TLS', scheme: 'stomp+ssl' },
  ws: { label: 'WebSocket', scheme: 'ws' },
  wss: { label: 'WebSocket, TLS', scheme: 'wss' },
  cloud: {
    label: 'AWS endpoint',
    scheme: 'http',
    needs: 'awscli',
    command: (address) =>
      `AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local ` +
      `aws --endpoint-url ${urlOf('http', address)} --region us-east-1 sqs list-queues`,
  },
  console: {
    label: 'Console',
    scheme: 'http',
    needs: 'curl',
    command: (address) => `curl ${urlOf('http', address)}/health`,
  },
};

const defaultMqtt: Address = { host: '127.0.0.1', port: 1883 };

export interface Listener {
  readonly name: string;
  readonly label: string;
  readonly url: string;
  readonly needs?: string;
  readonly command?: string;
}

/** `pageHost`: by which name the reader reached the engine, for listeners that listen on every address. */
export function describeListener(name: string, { host, port }: Address, pageHost: string): Listener {
  const { label, scheme, needs, command } = protocols[name] ?? { label: name, scheme: 'tcp' };
  const address = { host: isEveryAddress(host) ? pageHost : host, port };
  return {
    name,
    label,
    url: urlOf(scheme, address),
    ...(needs === undefined ? {} : { needs }),
    ...(command === undefined ? {} : { command: command(address) }),
  };
}

export function mosquittoPublish({ host, port }: Address = defaultMqtt, topic = 'telemetry/press-7'): string {
  return `mosquitto_pub -h ${host} -p ${port} -q 1 -t ${topic} -m '{"celsius":21.5}'`;
}

export function mosquittoSubscribe({ host, port }: Address = defaultMqtt, topic = '#'): string {
  return `mosquitto_sub -h ${host} -p ${port} -q 1 -v -t '${topic}'`;
}

function urlOf(scheme: string, { host, port }: Address): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
