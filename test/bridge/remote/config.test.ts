// What the configuration says of places that are not of this engine, and of routes' ends there.

import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../broker/config.ts';

function refusal(...set: string[]): string {
  try {
    loadConfig({ set });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

const remotes =
  'remotes={prod: {type: aws, region: eu-west-1}, legacy: {type: amqp, url: "amqp://mq"}, sensors: {type: mqtt, url: "mqtt://mq"}}';

describe('a remote', () => {
  it('of AWS has a region, an endpoint, and credentials or a profile', () => {
    const { remotes: found } = loadConfig({
      set: ['remotes={a: {type: aws, profile: prod}, b: {type: aws, endpoint: "http://h:1", account: "123456789012"}}'],
    });
    expect(found).toEqual({
      a: { type: 'aws', profile: 'prod' },
      b: { type: 'aws', endpoint: 'http://h:1', account: '123456789012' },
    });
  });

  it('that is a broker is reached at a host and a port', () => {
    process.env['CAUSEWAY_TEST_PASSWORD'] = 'p';
    const { remotes: found } = loadConfig({
      set: [
        'remotes.a={type: amqp, url: "amqps://mq.example.com", username: u, passwordEnv: CAUSEWAY_TEST_PASSWORD, tls: {ca: c.pem}}',
        'remotes.b={type: stomp, url: "stomp+ssl://[::1]:9", virtualHost: /}',
        'remotes.c={type: mqtt, url: "mqtt://h"}',
      ],
    });
    const without = { username: undefined, password: undefined, tls: undefined };
    expect(found).toEqual({
      a: {
        type: 'amqp',
        host: 'mq.example.com',
        port: 5671,
        username: 'u',
        password: 'p',
        tls: { ca: 'c.pem' },
        virtualHost: 'mq.example.com',
      },
      b: { ...without, type: 'stomp', host: '::1', port: 9, tls: {}, virtualHost: '/' },
      c: { ...without, type: 'mqtt', host: 'h', port: 1883, virtualHost: 'h' },
    });
  });

  it.each([
    ['{type: asw}', 'remotes.r.type: expected aws, amqp, mqtt, stomp; did you mean aws?'],
    ['{}', 'remotes.r.type: expected aws, amqp, mqtt, stomp'],
    ['{type: aws, ednpoint: "http://h"}', 'unknown key "remotes.r.ednpoint", did you mean "remotes.r.endpoint"?'],
    ['{type: aws, credentials: {accessKey: x}}', 'did you mean "remotes.r.credentials.accessKeyId"?'],
    ['{type: aws, endpoint: "ftp://h"}', 'remotes.r.endpoint: expected http://HOST:PORT or https://HOST'],
    ['{type: aws, region: Ireland}', 'remotes.r.region: expected an AWS region such as us-east-1'],
    [
      '{type: aws, profile: p, credentials: {accessKeyId: a, secretAccessKey: b}}',
      'remotes.r.credentials: either a profile or credentials, not both',
    ],
    ['{type: amqp, url: "mqtt://h"}', 'remotes.r.url: expected amqp://HOST:PORT or amqps://HOST:PORT'],
    ['{type: stomp, url: "stomp://u:p@h"}', 'remotes.r.url: expected stomp://HOST:PORT or stomp+ssl://HOST:PORT'],
    ['{type: mqtt, url: "mqtt://h", virtualHost: x}', 'unknown key "remotes.r.virtualHost"'],
    ['{type: mqtt, url: "mqtt://h", usernam: x}', 'did you mean "remotes.r.username"?'],
    ['{type: mqtt, url: "mqtt://h", tls: {ca: c}}', 'remotes.r.tls: only mqtts:// is encrypted'],
    ['{type: mqtt, url: "mqtts://h", tls: {key: c}}', 'remotes.r.tls: a certificate and its key go together'],
    ['{type: amqp, url: "amqp://h", password: x}', 'remotes.r.username: a password needs a username'],
    [
      '{type: amqp, url: "amqp://h", username: u, passwordEnv: CAUSEWAY_NO_SUCH_THING}',
      'remotes.r.passwordEnv: the environment has no variable CAUSEWAY_NO_SUCH_THING',
    ],
  ])('%s is refused in words', (text, words) => {
    expect(refusal(`remotes.r=${text}`)).toContain(words);
  });
});

describe("a route's end far away", () => {
  const route = (text: string): string => refusal(remotes, `routes=[{name: r, ${text}}]`);

  it.each([
    ['from: queue://a, to: sqs://b@prd', 'routes.0.to: sqs://b@prd: no remote is named "prd" (did you mean prod?)'],
    ['from: sqs://b@elsewhere, to: queue://a', 'no remote is named "elsewhere" (prod, legacy, sensors)'],
    ['from: queue://a, to: sqs://b@', 'expected the name of a remote after the last @'],
    ['from: queue://a, to: queue://b@prod', 'a remote of type aws has sqs://, sns://, kinesis:// only'],
    ['from: queue://a@sensors, to: queue://b', 'a remote of type mqtt has topic:// only'],
    ['from: queue://a, to: sqs://b.fifo@prod', 'sqs://b.fifo@prod needs a key'],
    ['from: queue://a, to: kinesis://b@prod', 'kinesis://b@prod needs a key'],
    ['from: queue://a, to: sqs://b@prod, key: group', 'sqs://b@prod takes no key'],
    ['from: queue://a, to: sqs://b.c@prod', 'expected sqs:// and the name of a queue'],
    ['from: queue://a, to: topic://b.>@legacy', 'wildcards cannot be written to'],
    ['from: queue://a, to: sqs://b, deadLetter: queue://d@legacy', 'expected queue://NAME, of this engine'],
    [
      'from: sqs://a@prod, to: queue://b, when: {selector: "x = 1"}',
      'routes.0.when: what is not chosen cannot be left in sqs://a@prod: another target must take it (otherwise)',
    ],
    [
      'from: queue://a, to: sqs://b@prod, replies: {through: sqs://c}',
      'routes.0.replies.through: requests are answered where they go to',
    ],
  ])('%s is refused in words', (text, words) => {
    expect(route(text)).toContain(words);
  });

  it('says that there are no remotes', () => {
    expect(refusal('routes=[{name: r, from: queue://a, to: sqs://b@c}]')).toContain('(there are none)');
  });

  it('is another place than one of the same name here, or of another remote', () => {
    const circle = (from: string, to: string): string =>
      refusal(
        'remotes={x: {type: aws}, y: {type: aws}}',
        `routes=[{name: r, from: sqs://q@x, to: "${from}"}, {name: s, from: "${to}", to: sqs://q@x}]`,
      );
    expect(circle('sqs://q@y', 'sqs://q@y')).toContain(
      'routes go in a circle: sqs://q@x -(r)-> sqs://q@y, sqs://q@y -(s)-> sqs://q@x',
    );
    expect(circle('queue://q', 'queue://*')).toContain('routes go in a circle');
    expect(circle('sqs://q@y', 'sqs://q')).not.toContain('circle');
  });
});
