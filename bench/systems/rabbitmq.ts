// RabbitMQ of Debian, with its plugins for AMQP 1.0, MQTT and STOMP: classic queues, durable, messages confirmed once
// they are on disk.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { installed, openDirectory, startProgram } from './program.ts';
import type { Launcher, System } from './system.ts';

export const rabbitmqProgram = installed('/usr/lib/rabbitmq/bin/rabbitmq-server');

export const rabbitmq: Launcher = {
  name: 'rabbitmq',
  keeps: 'on disk',
  start: async (): Promise<System> => {
    const directory = await openDirectory();
    const [amqp, mqtt, stomp, distribution, epmd] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    await writeFile(
      join(directory, 'rabbit.conf'),
      [
        `listeners.tcp.1 = 127.0.0.1:${amqp}`,
        `mqtt.listeners.tcp.1 = 127.0.0.1:${mqtt}`,
        `stomp.listeners.tcp.1 = 127.0.0.1:${stomp}`,
        'mqtt.allow_anonymous = true',
        'stomp.default_user = guest',
        'stomp.default_pass = guest',
        '',
      ].join('\n'),
    );
    const plugins = join(directory, 'plugins');
    await writeFile(plugins, '[rabbitmq_amqp1_0,rabbitmq_mqtt,rabbitmq_stomp].\n');
    const program = await startProgram({
      command: rabbitmqProgram!,
      args: [],
      environment: {
        HOME: directory,
        RABBITMQ_NODENAME: 'peer@localhost',
        RABBITMQ_NODE_PORT: String(amqp),
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_CONFIG_FILE: join(directory, 'rabbit'),
        RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
        RABBITMQ_LOG_BASE: join(directory, 'log'),
        RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
        RABBITMQ_DIST_PORT: String(distribution),
        ERL_EPMD_ADDRESS: '127.0.0.1',
        ERL_EPMD_PORT: String(epmd),
      },
      directory,
      ports: [amqp, mqtt, stomp],
    });
    return {
      name: 'rabbitmq',
      ports: { amqp, mqtt, stomp },
      address: (protocol, name) => (protocol === 'mqtt' ? name : `/queue/${name}`),
      ...program,
    };
  },
};
