// From kill -9 of the active engine, under load, to the first message that the standby accepted: what a client sees that
// tries again every few milliseconds at the address that both engines use.

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineProcess, temporaryDirectory } from '../../test/support/engine-process.ts';
import { freePort } from '../../test/support/free-port.ts';
import { LoadProcess } from '../loads/load-process.ts';
import { now } from '../measure/clock.ts';
import { bodyBytes } from './pairs.ts';

const tryAgainMs = 2;
const loadMs = 1000;

/** Milliseconds of each kill. */
export async function measureFailover(times: number): Promise<readonly number[]> {
  await using directory = await temporaryDirectory();
  const port = await freePort();
  const start = (): EngineProcess =>
    new EngineProcess({
      dataDirectory: directory.path,
      ha: true,
      set: [`listeners.stomp=${port}`, 'log.level=warn'],
    });
  const gaps: number[] = [];
  let active = start();
  await active.seen('ready');
  for (let i = 0; i < times; i++) {
    const standby = start();
    await standby.seen('standby');
    {
      await using load = await LoadProcess.start({
        role: 'stomp-sender',
        port,
        connections: 1,
        destinations: ['/queue/load'],
        window: 100,
        bodyBytes,
      });
      // It ends with the engine, in the middle of its work.
      load.order({ do: 'send', ms: loadMs * 10 }).catch(() => undefined);
      await delay(loadMs * Math.random());
      const killedAt = now();
      active.signal('SIGKILL');
      await accepted(port);
      gaps.push(now() - killedAt);
    }
    await active.exited;
    active = standby;
  }
  await active.kill();
  return gaps;
}

/** Resolves when a message was sent and its receipt has come. */
async function accepted(port: number): Promise<void> {
  for (;;) {
    if (await attempt(port)) return;
    await delay(tryAgainMs);
  }
}

async function attempt(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  try {
    await once(socket, 'connect');
    socket.write(
      'CONNECT\naccept-version:1.2\nhost:/\n\n\0SEND\ndestination:/queue/after\npersistent:true\nreceipt:1\n\nhere\0',
    );
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.includes('RECEIPT')) return true;
    }
    return false;
  } catch {
    // Nobody listens yet, or the one that died still did.
    return false;
  } finally {
    socket.destroy();
  }
}
