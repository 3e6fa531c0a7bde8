// What web pages may ask of the endpoint.

import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../broker/config.ts';
import { testEndpoint } from './endpoint.ts';

const target = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' };

async function ask(url: string, origin: string | undefined, method = 'POST', headers: Record<string, string> = target) {
  const init = { method, headers: { ...headers, ...(origin !== undefined && { origin }) } };
  const response = await fetch(url, method === 'POST' ? { ...init, body: '{}' } : init);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

describe('a page', () => {
  it.each(['http://localhost:3000', 'https://app.localhost', 'http://127.0.0.1:5173', 'http://[::1]:8080'])(
    'of this machine is answered, as AWS does: %s',
    async (origin) => {
      await using endpoint = await testEndpoint();
      const asked = await ask(endpoint.url, origin, 'OPTIONS', {
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-amz-target,authorization',
      });
      expect([asked.status, asked.text]).toEqual([200, '']);
      expect(asked.headers.get('access-control-allow-origin')).toBe('*');
      expect(asked.headers.get('access-control-allow-methods')).toBe('POST');
      expect(asked.headers.get('access-control-allow-headers')).toBe('x-amz-target,authorization');
      expect(asked.headers.get('access-control-max-age')).toBe('172800');
      const listed = await ask(endpoint.url, origin);
      expect([listed.status, JSON.parse(listed.text)]).toEqual([200, {}]);
      expect(listed.headers.get('access-control-allow-origin')).toBe('*');
      expect(listed.headers.get('access-control-expose-headers')).toContain('x-amzn-RequestId');
    },
  );

  it.each(['https://example.com', 'http://localhost.example.com', 'http://127.0.0.1.example.com', 'null'])(
    'of another machine is refused: %s',
    async (origin) => {
      await using endpoint = await testEndpoint();
      for (const method of ['OPTIONS', 'POST']) {
        const { status, headers } = await ask(endpoint.url, origin, method);
        expect(status).toBe(403);
        expect(headers.get('access-control-allow-origin')).toBeNull();
      }
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      expect((await ask(`${endpoint.url}/?Action=CreateQueue&QueueName=q`, origin, 'POST', form)).status).toBe(403);
      expect([...endpoint.broker.namespaces()]).toEqual([]);
    },
  );

  it('may be named', async () => {
    await using endpoint = await testEndpoint({ origins: ['https://example.com'] });
    expect((await ask(endpoint.url, 'https://example.com')).status).toBe(200);
    expect((await ask(endpoint.url, 'https://other.example.com')).status).toBe(403);
  });
});

it('SDKs and command lines send no origin, and get no word of it', async () => {
  await using endpoint = await testEndpoint();
  const { status, headers } = await ask(endpoint.url, undefined);
  expect([status, headers.get('access-control-allow-origin')]).toEqual([200, null]);
});

it('is an origin, and not an address', () => {
  expect(loadConfig({ set: ['cloud.origins=["https://example.com", "*"]'] }).cloud.origins).toHaveLength(2);
  expect(() => loadConfig({ set: ['cloud.origins=["https://example.com/app"]'] })).toThrow('expected an origin');
});
