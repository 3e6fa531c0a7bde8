// The console's port from outside: plain HTTP and raw requests, as a browser, a script and an attacker would send them.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeConsole } from '../support/fake-console.ts';

let server: FakeConsole;

beforeAll(async () => {
  server = await FakeConsole.start();
});
afterAll(async () => {
  await server.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** With headers that fetch does not let one set. */
async function ask(
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body: text };
}

function call(method: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(`/api/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

function errorOf({ body }: Answer): { code: string; message: string } {
  return (JSON.parse(body) as { error: { code: string; message: string } }).error;
}

describe('methods', () => {
  it('answer in JSON', async () => {
    const answer = await call('overview', {});
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(JSON.parse(answer.body)).toMatchObject({ role: 'active', listeners: { amqp: { port: 5672 } } });
  });

  it.each([
    ['no token', {}],
    ['a wrong token', { authorization: 'Bearer token-of-the-fakf' }],
    ['a token of another length', { authorization: 'Bearer token' }],
    ['another scheme', { authorization: 'Basic dG9rZW4tb2YtdGhlLWZha2U=' }],
  ])('are refused with %s, without a look at the request', async (_what, headers) => {
    const answer = await ask('/api/overview', { method: 'POST', headers, body: 'not JSON' });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="causeway"');
    expect(errorOf(answer).code).toBe('unauthorized');
  });

  it('are POST only', async () => {
    const answer = await ask('/api/overview');
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('POST');
  });

  it.each(['nothing', '__proto__', 'toString', ''])('say that there is no method %j', async (method) => {
    expect((await call(method, {})).status).toBe(404);
  });

  it.each([
    ['peek', { destination: '' }, /^destination: /],
    ['peek', { destination: 'mq:x', limit: 101 }, /^limit: /],
    ['peek', { destination: 'mq:x', after: -1 }, /^after: /],
    ['peek', { destination: 'mq:x', before: 1 }, /"before"/],
    ['send', { destination: 'mq:x', body: 'x', encoding: 'hex' }, /^encoding: /],
    ['send', { destination: 'mq:x', encoding: 'text' }, /^body: /],
    ['send', { destination: 'mq:x', body: 'x', encoding: 'text', properties: { a: 1 } }, /^properties\.a: /],
    ['purge', {}, /^destination: /],
    ['overview', [], /expected object/],
  ])('refuse %s %j, and say which field is wrong', async (method, body, message) => {
    const answer = await call(method, body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'invalid', message: expect.stringMatching(message) });
  });

  it('refuse more than a hundred properties', async () => {
    const properties = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`p${i}`, 'x']));
    const answer = await call('send', { destination: 'mq:x', body: '', encoding: 'text', properties });
    expect(errorOf(answer).message).toContain('at most 100 properties');
  });

  it('refuse what is not JSON', async () => {
    expect(errorOf(await call('overview', '{')).message).toBe('the request is not JSON');
    expect((await call('overview', '{}', { 'content-type': 'text/plain' })).status).toBe(400);
  });

  it('refuse a body of more than 8 MiB before it is read to its end', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const closed = once(socket, 'close');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('error', () => undefined); // the server may reset what it does not read
    socket.write(
      `POST /api/send HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${server.token}\r\n` +
        'content-type: application/json\r\ncontent-length: 1000000000\r\n\r\n',
    );
    const chunk = 'x'.repeat(1024 * 1024);
    for (let sent = 0; sent < 9; sent += 1) socket.write(chunk);
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('larger than 8388608 bytes');
  });

  it('tell what the engine refuses with its code', async () => {
    const answer = await call('peek', { destination: 'mq:nowhere' });
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toEqual({ code: 'not-found', message: 'no destination mq:nowhere' });
  });
});

describe('who asks', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', '192.168.1.20', 'LOCALHOST'])('may call the console %s', async (name) => {
    expect((await ask('/health', { headers: { host: `${name}:${server.port}` } })).status).toBe(200);
  });

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '', 'a b'])(
    'may not call it %j: a foreign page could point that name here',
    async (name) => {
      for (const path of ['/', '/health', '/api/overview']) {
        const method = path.startsWith('/api') ? 'POST' : 'GET';
        const headers = { host: `${name}:${server.port}`, authorization: `Bearer ${server.token}` };
        expect((await ask(path, { method, headers })).status).toBe(400);
      }
    },
  );

  it('may not be a page of another origin', async () => {
    const own = { origin: `http://127.0.0.1:${server.port}` };
    expect((await call('overview', {}, own)).status).toBe(200);
    for (const origin of ['http://evil.example', 'http://127.0.0.1:1', 'null']) {
      expect((await call('overview', {}, { origin })).status).toBe(401);
    }
  });
});

describe('the page', () => {
  it('is served at / with a policy that lets nothing else in', async () => {
    const answer = await ask('/?token=anything');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('unsafe');
  });

  it('has scripts and styles that may be kept for good, as their names change with them', async () => {
    const { body } = await ask('/');
    const assets = Array.from(body.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g), ([, path]) => path!);
    expect(assets.length).toBeGreaterThanOrEqual(2);
    for (const path of assets) {
      const { status, headers } = await ask(path);
      expect(status).toBe(200);
      expect(headers['cache-control']).toContain('immutable');
    }
  });

  it('is not sent again to who has it', async () => {
    const { headers } = await ask('/');
    const again = await ask('/', { headers: { 'if-none-match': String(headers['etag']) } });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  it.each(['/../package.json', '/..%2fpackage.json', '/assets', '/assets/', '/index.html/x', '//etc/passwd'])(
    'has nothing at %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  it('answers HEAD without a body, and nothing but GET and HEAD', async () => {
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect(await ask('/', { method: 'DELETE' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });
});

it('answers /health without a token, and without telling more than the role', async () => {
  const answer = await ask('/health');
  expect(JSON.parse(answer.body)).toEqual({ status: 'ok', role: 'active', version: '0.1.0' });
});

it('says how to build the page where it is not built', async () => {
  await using unbuilt = await FakeConsole.start({ pageDirectory: '/nonexistent' });
  const response = await fetch(`${unbuilt.origin}/`);
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('npm run build');
});
