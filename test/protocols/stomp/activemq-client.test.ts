// With the STOMP client that ActiveMQ ships (Debian's libactivemq-java), by the program beside this file. It waits for a line
// feed behind the NUL of each frame.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debian } from '../../support/debian.ts';
import { stompServer } from './stomp-server.ts';

const java = debian('default-jdk-headless', 'javac');
const jars = ['activemq-stomp', 'activemq-client', 'slf4j-api'].map((name) => `/usr/share/java/${name}.jar`);
const program = fileURLToPath(new URL('ActiveMqClient.java', import.meta.url));

describe.skipIf(!java.present || !jars.every((jar) => existsSync(jar)))('ActiveMQ’s own client', () => {
  it('plays its part', async () => {
    await using server = await stompServer();
    const { stdout } = await promisify(execFile)('java', ['-cp', jars.join(':'), program, String(server.port)], {
      timeout: 60_000,
    });
    const versions = ['1.0', '1.1', '1.2'].flatMap((version) => [
      `${version} MESSAGE one destination:/queue/amq-${version} colour:red persistent:true priority:4 expires:0`,
      `${version} MESSAGE two subscription:s`,
      `${version} RECEIPT  receipt-id:done`,
    ]);
    expect(stdout.trim().split('\n')).toEqual([
      ...versions,
      'queue true',
      'queue MESSAGE ! destination:/temp-queue/answers',
      'topic true',
      'topic MESSAGE ! destination:/temp-topic/answers',
      'durable RECEIPT  receipt-id:made',
      'durable MESSAGE meanwhile destination:/topic/durable subscription:d',
      'durable RECEIPT  receipt-id:gone',
      'browser MESSAGE a subscription:b',
      'browser MESSAGE b subscription:b',
      'browser MESSAGE  browser:end destination:/queue/browsed',
      'list /queue/list.a /queue/list.b',
      'refused ERROR only subscriptions to topics have names receipt-id:r',
    ]);
    for (const queue of server.broker.queues('mq')) {
      if (queue.name.startsWith('amq-')) expect(queue.readyCount).toBe(0);
    }
  }, 90_000);
});
