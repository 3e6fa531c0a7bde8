// Addresses of the engine's listeners, and for each a command that is ready to run and shows that it works.

export interface Address {
  readonly host: string;
  readonly port: number;
  /** False: clients must say who they are, and the command has a place for that. */
  readonly anonymous?: boolean;
}

interface Protocol {
  readonly label: string;
  readonly scheme: string;
  /** What the command needs. */
  readonly needs?: string;
  readonly command?: (address: Address) => string;
}

/** By the listener's name in the configuration. Over TLS the commands do not check the certificate, which may be one's own. */
const protocols: Readonly<Record<string, Protocol>> = {
  amqp: { label: 'AMQP 1.0', scheme: 'amqp', needs: 'node, rhea', command: (address) => sendWithRhea(address, '') },
  amqps: {
    label: 'AMQP 1.0, TLS',
    scheme: 'amqps',
    needs: 'node, rhea',
    command: (address) => sendWithRhea(address, `transport:'tls',rejectUnauthorized:false,`),
  },
  mqtt: { label: 'MQTT', scheme: 'mqtt', needs: 'mosquitto-clients', command: mosquittoPublish },
  mqtts: { label: 'MQTT, TLS', scheme: 'mqtts', needs: 'node, mqtt', command: (address) => mqttJs(address, 'mqtts') },
  stomp: {
    label: 'STOMP 1.2',
    scheme: 'stomp',
    needs: 'netcat',
    command: (address) => `${stompFrames(address)} | nc ${address.host} ${address.port}`,
  },
  stomps: {
    label: 'STOMP 1.2, TLS',
    scheme: 'stomp+ssl',
    needs: 'openssl',
    command: (address) => `${stompFrames(address)} | openssl s_client -quiet -connect ${hostAndPort(address)}`,
  },
  ws: { label: 'WebSocket', scheme: 'ws', needs: 'node, mqtt', command: (address) => mqttJs(address, 'ws') },
  wss: { label: 'WebSocket, TLS', scheme: 'wss', needs: 'node, mqtt', command: (address) => mqttJs(address, 'wss') },
  any: { label: 'Any protocol', scheme: 'tcp', needs: 'mosquitto-clients', command: mosquittoPublish },
  cloud: {
    label: 'AWS endpoint',
    scheme: 'http',
    needs: 'awscli',
    command: (address) =>
      `${awsKeys(address)} aws --endpoint-url ${urlOf('http', address)} --region us-east-1 sqs list-queues`,
  },
  console: {
    label: 'Console',
    scheme: 'http',
    needs: 'curl',
    command: (address) => `curl ${urlOf('http', address)}/health`,
  },
};

const defaultMqtt: Address = { host: '127.0.0.1', port: 1883 };
const defaultCloud: Address = { host: '127.0.0.1', port: 4566 };

export interface Listener {
  readonly name: string;
  readonly label: string;
  readonly url: string;
  /** Clients must say who they are. */
  readonly asksForUser: boolean;
  readonly needs?: string;
  readonly command?: string;
}

/** `pageHost`: by which name the reader reached the engine, for listeners that listen on every address. */
export function describeListener(name: string, { host, port, anonymous = true }: Address, pageHost: string): Listener {
  const { label, scheme, needs, command } = protocols[name] ?? { label: name, scheme: 'tcp' };
  const address = { host: isEveryAddress(host) ? pageHost : host, port, anonymous };
  return {
    name,
    label,
    asksForUser: !anonymous && !isWithoutUsers(name),
    url: urlOf(scheme, address),
    ...(needs === undefined ? {} : { needs }),
    ...(command === undefined ? {} : { command: command(address) }),
  };
}

const exampleTopic = 'telemetry/press-7';
const exampleBody = `'{"celsius":21.5}'`;

export function mosquittoPublish(address: Address = defaultMqtt, topic = exampleTopic): string {
  return `mosquitto_pub ${mqttOptions(address)} -t ${topic} -m ${exampleBody}`;
}

export function mosquittoSubscribe(address: Address = defaultMqtt, topic = '#'): string {
  return `mosquitto_sub ${mqttOptions(address)} -v -t '${topic}'`;
}

/** A text message by SNS, which goes into the mailbox. */
export function textMessage(address: Address = defaultCloud): string {
  const endpoint = `--endpoint-url ${urlOf('http', address)} --region us-east-1`;
  return `${awsKeys(address)} aws ${endpoint} sns publish --phone-number +15550001111 --message hello`;
}

/** The command of MQTT.js, which is in Node's registry and speaks WebSocket. */
function mqttJs(address: Address, protocol: 'mqtts' | 'ws' | 'wss'): string {
  const checking = protocol === 'ws' ? '' : ' --insecure';
  return `npx mqtt pub -l ${protocol}${checking} ${mqttOptions(address)} -t ${exampleTopic} -m ${exampleBody}`;
}

function mqttOptions({ host, port, anonymous = true }: Address): string {
  return `-h ${host} -p ${port}${anonymous ? '' : ' -u USER -P PASSWORD'} -q 1`;
}

function sendWithRhea({ host, port, anonymous = true }: Address, options: string): string {
  const user = anonymous ? '' : `username:'USER',password:'PASSWORD',`;
  return (
    `node -e "require('rhea').connect({host:'${host}',port:${port},${options}${user}reconnect:false})` +
    `.open_sender('orders').once('sendable',e=>e.sender.send({body:'hello'})).once('accepted',e=>e.connection.close())"`
  );
}

function stompFrames({ anonymous = true }: Address): string {
  const user = anonymous ? '' : String.raw`login:USER\npasscode:PASSWORD\n`;
  return (
    String.raw`printf 'CONNECT\naccept-version:1.2\nhost:/\n${user}\n\000SEND\ndestination:/queue/orders\n\nhello\000` +
    String.raw`DISCONNECT\nreceipt:1\n\n\000'`
  );
}

function awsKeys({ anonymous = true }: Address): string {
  const [id, secret] = anonymous ? ['local', 'local'] : ['KEY_ID', 'SECRET_KEY'];
  return `AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret}`;
}

/** The console has its token, the AWS endpoint the keys that requests are signed with. */
function isWithoutUsers(name: string): boolean {
  return name === 'console' || name === 'cloud';
}

function hostAndPort({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function urlOf(scheme: string, address: Address): string {
  return `${scheme}://${hostAndPort(address)}`;
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
