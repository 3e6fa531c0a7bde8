import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allowsAnonymous, defaultDataDirectory, loadConfig } from '../broker/config.ts';
import type { Config, ConfigSources } from '../broker/config.ts';
import { temporaryDirectory } from './support/engine-process.ts';

function load(...set: string[]): Config {
  return loadConfig({ set });
}

/** Of those that are open. */
function portsOf(listeners: Config['listeners']): Record<string, number> {
  const open = Object.entries(listeners).flatMap(([name, settings]) =>
    settings === false ? [] : [[name, settings.port] as const],
  );
  return Object.fromEntries(open);
}

function refusal(sources: ConfigSources): string {
  try {
    loadConfig(sources);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

describe('the configuration', () => {
  it('listens on the ports that users know, on loopback', () => {
    const { listeners } = load();
    expect(portsOf(listeners)).toEqual({ amqp: 5672, mqtt: 1883, stomp: 61_613, cloud: 4566, console: 8161 });
    for (const settings of Object.values(listeners)) {
      if (settings !== false) expect(settings.host).toBe('127.0.0.1');
    }
  });

  it('opens what speaks TLS as soon as there is a certificate', () => {
    const certificate = 'tls={certificate: c.pem, key: k.pem}';
    const { listeners } = load(certificate, 'listeners.stomps=false', 'listeners.any=true');
    expect(portsOf(listeners)).toMatchObject({ amqp: 5672, amqps: 5671, mqtts: 8883, wss: 61_619, any: 61_616 });
    expect(portsOf(listeners)).not.toHaveProperty('stomps');
    expect(portsOf(load('listeners.ws=true').listeners)).toHaveProperty('ws', 61_619);
    expect(refusal({ set: ['listeners.mqtts=0'] })).toContain('listeners.mqtts needs tls.certificate and tls.key');
    expect(refusal({ set: [certificate, 'listeners.ws=true'] })).toContain(
      'listeners.ws and listeners.wss cannot both have port 61619',
    );
    expect(refusal({ set: [certificate, 'tls.clientCertificates=want'] })).toContain('tls.ca: needed');
    expect(refusal({ set: ['tls={certificate: c.pem}'] })).toContain('tls.key: needed, with certificate');
    expect(refusal({ set: ['tls={own: true, key: k.pem}'] })).toContain('tls.own: and certificate exclude each other');
    expect(refusal({ set: ['tls={own: true, names: ["a b"]}'] })).toContain('tls.names.0: expected a host name');
    expect(refusal({ set: ['cloud.tls={key: k.pem}'] })).toContain('cloud.tls.key: certificate and key');
    const files = 'cloud.tls={certificate: c.pem, key: k.pem, names: [a]}';
    expect(refusal({ set: [files] })).toContain('cloud.tls.names: are those of a certificate of our own');
  });

  it('reads the sample', () => {
    const { cloud, routes } = loadConfig({ file: fileURLToPath(new URL('../examples/causeway.yml', import.meta.url)) });
    expect(cloud.queues.map(({ name }) => name)).toEqual(['orders', 'telemetry']);
    expect(routes.map(({ from, to }) => [from, to])).toEqual([
      ['queue://orders', [{ address: 'sqs://orders', otherwise: false }]],
      ['topic://telemetry.>', [{ address: 'sqs://telemetry', otherwise: false }]],
    ]);
  });

  it('takes a port, settings or false for a listener', () => {
    const { listeners } = load('listeners.amqp=0', 'listeners.mqtt={host: 0.0.0.0}', 'listeners.stomp=false');
    expect(listeners.amqp).toEqual({ host: '127.0.0.1', port: 0 });
    expect(listeners.mqtt).toEqual({ host: '0.0.0.0', port: 1883 });
    expect(listeners.stomp).toBe(false);
  });

  it('puts --set over the file, key by key', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'c.yml');
    await writeFile(file, 'listeners: { amqp: 1, mqtt: 2 }\nstore: { limit: 10 MiB }\n');
    const { listeners, store } = loadConfig({ file, set: ['listeners.amqp.host=0.0.0.0', 'listeners.mqtt=3'] });
    expect(listeners.amqp).toEqual({ host: '0.0.0.0', port: 1 });
    expect(listeners.mqtt).toMatchObject({ port: 3 });
    expect(store.limit).toEqual({ bytes: 10 * 1024 * 1024 });
  });

  it('reads rules, with lists as ActiveMQ writes them too', () => {
    const rules = (text: string): unknown => load('access.users=u.yml', `access.rules=[${text}]`).access.rules;
    const nobody = { read: [], write: [], create: [], admin: [], final: false };
    expect(rules('{queue: "a.*.>", read: "x, user:ann", write: ["*"], final: true}')).toEqual([
      { ...nobody, kind: 'queue', pattern: 'a.*.>', read: ['x', 'user:ann'], write: ['*'], final: true },
    ]);
    expect(rules('{temp: ">"}')).toEqual([{ ...nobody, kind: 'temp', pattern: '>' }]);
    const refused = (text: string): string => refusal({ set: ['access.users=u.yml', `access.rules=[${text}]`] });
    expect(refused('{queue: a, topic: b}')).toContain('a rule is about one of queue, topic and temp');
    expect(refused('{read: "*"}')).toContain('a rule is about one of queue, topic and temp');
    for (const pattern of ['a.>.b', 'a*', 'a..b', '']) {
      expect(refused(`{queue: "${pattern}"}`)).toContain('access.rules.0.queue: ');
    }
    expect(refused('{queue: a, read: "a b"}')).toContain('access.rules.0.read');
    expect(refused('{queue: a, raed: "a"}')).toContain('did you mean "access.rules.0.read"?');
    expect(refusal({ set: ['access.rules=[]'] })).toContain('access.rules: needs access.users');
  });

  it('lets nobody in without a name once there are users, unless it is said', () => {
    const { amqp } = load('access.users=u.yml').listeners;
    expect(amqp !== false && allowsAnonymous(amqp, true)).toBe(false);
    const open = load('listeners.amqp.anonymous=true').listeners.amqp;
    expect(open !== false && allowsAnonymous(open, true)).toBe(true);
  });

  it('lets anonymous clients in on loopback, and elsewhere only if it is said', () => {
    const anonymous = (text: string): boolean => {
      const { amqp } = load(`listeners.amqp=${text}`).listeners;
      return amqp !== false && allowsAnonymous(amqp);
    };
    expect(anonymous('{host: 127.0.0.1}')).toBe(true);
    expect(anonymous('{host: 0.0.0.0}')).toBe(false);
    expect(anonymous('{host: 0.0.0.0, anonymous: true}')).toBe(true);
    expect(anonymous('{host: localhost, anonymous: false}')).toBe(false);
  });

  it.each([
    ['listener.amqp=1', 'unknown key "listener", did you mean "listeners"?'],
    ['listeners.ampq=1', 'unknown key "listeners.ampq", did you mean "listeners.amqp"?'],
    ['listeners.amqp.prot=1', 'unknown key "listeners.amqp.prot", did you mean "listeners.amqp.port"?'],
    ['routes=[{name: a, from: queue://x, to: sqs://y, onLos: 1}]', 'did you mean "routes.0.onLoss"?'],
    [
      `routes=[{name: a, from: queue://x, to: sqs://y, when: {selektor: "b = 1"}}]`,
      'unknown key "routes.0.when.selektor", did you mean "routes.0.when.selector"?',
    ],
    [
      `routes=[{name: a, from: queue://x, to: sqs://y, when: {selector: "b = c'"}}]`,
      `configuration: routes.0.when: selector: unexpected "'" at 6`,
    ],
    ['routes=[{name: a, from: queue://x, to: sqs://y.fifo, key: "jsn:b"}]', 'configuration: routes.0.key: key "jsn:b"'],
    ['zzzzzz=1', 'unknown key "zzzzzz"'],
    ['listeners.amqp=70000', 'listeners.amqp: '],
    ['cloud.account=12', 'cloud.account: '],
    [
      'routes=[{name: a, from: ftp://x, to: sqs://y}]',
      'routes.0.from: expected queue://NAME, topic://NAME, sqs://NAME, sns://NAME, kinesis://NAME',
    ],
    ['no-equals-sign', '--set needs KEY=VALUE, not "no-equals-sign"'],
    ['log.level={', '--set log.level={: '],
  ])('refuses --set %s in words', (assignment, words) => {
    expect(refusal({ set: [assignment] })).toContain(words);
  });

  it('refuses a file that is not there, or is not what it should be', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'c.yml');
    expect(refusal({ file })).toContain(`read configuration "${file}": ENOENT`);
    await writeFile(file, 'a: [');
    expect(refusal({ file })).toContain(`read configuration "${file}": `);
    await writeFile(file, 'just text');
    expect(refusal({ file })).toBe(`read configuration "${file}": expected keys and values`);
    await writeFile(file, '');
    expect(refusal({ file })).toBe('accepted');
  });
});

describe('the SMTP relay of SNS', () => {
  const smtp = (text: string) => load(`cloud.sns.smtp={ from: sns@causeway.example, ${text} }`).cloud.sns.smtp;

  it('has the usual ports, and encrypts what leaves the machine if it can', () => {
    expect(smtp('url: "smtp://mail.example"')).toMatchObject({ port: 587, secure: false, startTls: 'offered' });
    expect(smtp('url: "smtps://mail.example"')).toMatchObject({ port: 465, secure: true });
    expect(smtp('url: "smtp://[::1]:1025"')).toMatchObject({ host: '::1', port: 1025, startTls: 'never' });
  });

  it('is given a password over TLS alone, unless it is on this machine', () => {
    const user = 'username: u, password: p';
    const credentials = { user: 'u', password: 'p' };
    expect(smtp(`url: "smtp://mail.example", ${user}`)).toMatchObject({ startTls: 'required', credentials });
    expect(smtp(`url: "smtp://localhost:1025", ${user}`)).toMatchObject({ startTls: 'never', credentials });
    process.env['MAIL_PASSWORD'] = 'from the environment';
    const { credentials: kept } = smtp('url: "smtps://mail.example", username: u, passwordEnv: MAIL_PASSWORD') ?? {};
    delete process.env['MAIL_PASSWORD'];
    expect(kept?.password).toBe('from the environment');
  });

  it.each([
    ['url: "http://mail.example"', 'cloud.sns.smtp.url: expected smtp://HOST:PORT or smtps://HOST:PORT'],
    ['url: "smtp://u:p@mail.example"', 'cloud.sns.smtp.url: expected smtp://HOST:PORT'],
    ['url: "smtp://h", password: p', 'cloud.sns.smtp.username: a password needs a username'],
    ['url: "smtp://h", username: u', 'cloud.sns.smtp.password: a username needs a password'],
    ['url: "smtp://h", username: u, passwordEnv: NOT_THERE', 'the environment has no variable NOT_THERE'],
    ['url: "smtp://h", ca: not-there.pem', 'cloud.sns.smtp.ca: cannot be read: ENOENT'],
    ['url: "smtp://h", tls: true', 'unknown key "cloud.sns.smtp.tls"'],
  ])('refuses %s in words', (text, words) => {
    expect(refusal({ set: [`cloud.sns.smtp={ from: sns@causeway.example, ${text} }`] })).toContain(words);
  });

  it('sends from one address', () => {
    expect(refusal({ set: ['cloud.sns.smtp={ url: "smtp://h", from: "A <a@b.example>" }'] })).toContain(
      'cloud.sns.smtp.from: expected an address such as',
    );
  });
});

describe('the data directory', () => {
  it('is where each platform keeps such things', () => {
    expect(defaultDataDirectory('linux', {})).toBe(join(homedir(), '.local/share/causeway'));
    expect(defaultDataDirectory('linux', { XDG_DATA_HOME: '/x' })).toBe('/x/causeway');
    expect(defaultDataDirectory('linux', { XDG_DATA_HOME: 'relative' })).toBe(join(homedir(), '.local/share/causeway'));
    expect(defaultDataDirectory('darwin', {})).toBe(join(homedir(), 'Library/Application Support/Causeway'));
    expect(defaultDataDirectory('win32', { APPDATA: '/roaming' })).toBe(join('/roaming', 'Causeway'));
  });
});

it('takes the example of docs/destinations.md', async () => {
  const page = await readFile(new URL('../docs/destinations.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'causeway.yml');
  await writeFile(file, yaml);
  const { destinations, memory } = loadConfig({ file });
  expect(destinations.policies).toHaveLength(3);
  expect(memory.messages).toEqual({ percent: 25 });
});
