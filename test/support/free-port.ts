// A port that nobody uses, for what has to be told one before it listens. Below the ports that systems give to clients,
// and from a range of each test process's own, so that it stays free until it is used.
import { once } from 'node:events';
import { createServer } from 'node:net';

const rangeSize = 1000;
const start = 20_000 + (Number(process.env['VITEST_POOL_ID'] ?? 0) % 10) * rangeSize;
let next = process.pid % rangeSize;

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < rangeSize; tries++) {
    next = (next + 1) % rangeSize;
    if (await isFree(start + next)) return start + next;
  }
  throw new Error(`no port is free from ${start} to ${start + rangeSize}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
