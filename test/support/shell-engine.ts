// A program that speaks to the desktop shell as broker/process.ts does, without being a broker: it serves one page at
// SHELL_ENGINE_PORT and says so. With --ha it waits as standby for that port. SHELL_ENGINE says how it behaves:
// `obeys`; `fails` at start, with a reason; `deaf` to being asked to stop; `hidden`: serves no page. GET /crash ends it
// at once.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const port = Number(process.env['SHELL_ENGINE_PORT']);
const manner = process.env['SHELL_ENGINE'];
const token = 'open-sesame';
const arguments_ = process.argv.slice(2);

interface ParentPort {
  postMessage(message: object): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}
const { parentPort } = process as unknown as { parentPort: ParentPort };

const server = createServer(answer);
process.stderr.write(`started with ${arguments_.join(' ')}\n`);

if (manner === 'fails') {
  parentPort.postMessage({ event: 'failed', message: 'listen on 127.0.0.1:5672: the port is in use' });
  process.exit(1);
}
if (manner === 'deaf') process.on('SIGTERM', () => {});
parentPort.on('message', ({ data }) => {
  if (manner === 'deaf' || (data as { command?: string }).command !== 'stop') return;
  parentPort.postMessage({ event: 'stopped' });
  process.exit(0);
});

if (arguments_.includes('--ha')) parentPort.postMessage({ event: 'standby' });
serve();

function serve(): void {
  server.on('error', () => setTimeout(() => server.listen(port, '127.0.0.1'), 10)); // the port is the active's
  server.on('listening', () => {
    const consoleUrl = `http://127.0.0.1:${port}/?token=${token}`;
    parentPort.postMessage({ event: 'ready', role: 'active', ...(manner === 'hidden' ? {} : { consoleUrl }) });
  });
  server.listen(port, '127.0.0.1');
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', `http://127.0.0.1:${port}`);
  if (pathname === '/crash') process.kill(process.pid, 'SIGKILL');
  if (pathname === '/api/overview') {
    const authorized = request.method === 'POST' && request.headers.authorization === `Bearer ${token}`;
    response.statusCode = authorized ? 200 : 401;
    response.end(JSON.stringify({ dataDirectory: '/data/of/the/engine' }));
    return;
  }
  response.setHeader('content-type', 'text/html');
  response.end(`<!doctype html><title>Console</title><p id="address">${request.url}</p><p id="pid">${process.pid}</p>`);
}
