import { expect, it } from 'vitest';
import { describeListener } from '../../renderer/views/overview/listener-commands.ts';

it('gives the address and a command for each listener', () => {
  const address = { host: '127.0.0.1', port: 1883 };
  expect(describeListener('mqtt', address, 'localhost')).toMatchObject({
    label: 'MQTT',
    url: 'mqtt://127.0.0.1:1883',
    command: `mosquitto_pub -h 127.0.0.1 -p 1883 -q 1 -t telemetry/press-7 -m '{"celsius":21.5}'`,
  });
});

it('writes IPv6 addresses in brackets, and names a listener on every address as the reader reached it', () => {
  expect(describeListener('cloud', { host: '::1', port: 4566 }, 'x').url).toBe('http://[::1]:4566');
  expect(describeListener('amqp', { host: '0.0.0.0', port: 5672 }, 'broker.lan').url).toBe('amqp://broker.lan:5672');
  expect(describeListener('stomp', { host: '::', port: 61_613 }, 'broker.lan').command).toContain(
    'nc broker.lan 61613',
  );
});

it('shows a listener that it does not know without a command', () => {
  expect(describeListener('openwire', { host: '127.0.0.1', port: 61_616 }, 'x')).toEqual({
    name: 'openwire',
    label: 'openwire',
    asksForUser: false,
    url: 'tcp://127.0.0.1:61616',
  });
});

it.each(['amqp', 'amqps', 'mqtt', 'mqtts', 'stomp', 'stomps', 'ws', 'wss', 'any', 'cloud', 'console'])(
  'has a label and a command for the listener %s',
  (name) => {
    const { label, command = '' } = describeListener(name, { host: '127.0.0.1', port: 4711 }, 'localhost');
    expect(label).not.toBe(name);
    expect(command).toContain('4711');
    expect(command).not.toContain('USER');
  },
);

it('leaves a place for the user where clients must say who they are', () => {
  const address = { host: '127.0.0.1', port: 1, anonymous: false };
  for (const name of ['amqp', 'amqps', 'mqtt', 'mqtts', 'stomp', 'stomps', 'ws', 'wss', 'any']) {
    expect(describeListener(name, address, 'x')).toMatchObject({
      asksForUser: true,
      command: expect.stringMatching(/USER.*PASSWORD/s),
    });
  }
  expect(describeListener('cloud', address, 'x').command).toContain('AWS_SECRET_ACCESS_KEY=SECRET_KEY ');
  expect(describeListener('console', address, 'x').asksForUser).toBe(false);
});
