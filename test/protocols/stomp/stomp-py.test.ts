// With Debian's python3-stomp (stomp.py), by the script beside this file.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debianPython } from '../../support/debian.ts';
import { stompServer } from './stomp-server.ts';

const python = debianPython('python3-stomp', 'stomp');
const script = fileURLToPath(new URL('stomp-py-client.py', import.meta.url));

describe.skipIf(!python.present)('stomp.py', () => {
  it.each(['1.0', '1.1', '1.2'])('plays its part in version %s', async (version) => {
    await using server = await stompServer();
    const { stdout } = await promisify(execFile)(python.path, [script, String(server.port), version], {
      timeout: 25_000,
    });
    expect(JSON.parse(stdout)).toEqual({
      receipts: ['r0', 'r1', 'r2'],
      bodies: ['text 0 €', 'text 1 €', 'text 2 €'],
      header: 'a:b',
      transacted: 'in t2',
      topic: ['news', '/topic/news.local.today'],
      answer: [true, '!', '/temp-queue/answers'],
      ...(version === '1.0' ? {} : { browsed: ['a message', 'end'] }),
      bye: 'bye',
      again: ['text 2 €', 'true'],
      error: 'destination "/nowhere" does not begin with /queue/, /topic/, /temp-queue/ or /temp-topic/',
      disconnected: true,
    });
    expect(server.broker.queue('ActiveMQ.DLQ').readyCount).toBe(version === '1.0' ? 0 : 1);
  });
});
