// TLS listeners, with clients that nobody here wrote: who is let in, by what certificate, and what happens when it changes.

import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../broker/util/log.ts';
import { silent } from '../../broker/util/log.ts';
import { openssl, TestAuthority } from '../support/certificates.ts';
import type { TestCertificate } from '../support/certificates.ts';
import { debian, debianPython } from '../support/debian.ts';
import { temporaryDirectory } from '../support/engine-process.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { closed, listening } from './listening.ts';
import { overAmqp, overMqtt, overStompit } from './round-trips.ts';

const mosquitto = debian('mosquitto-clients', 'mosquitto_pub');
const proton = debianPython('python3-qpid-proton', 'proton');
const protonRoundTrip = fileURLToPath(new URL('proton-round-trip.py', import.meta.url));
const run = promisify(execFile);

describe.skipIf(!openssl.present)('a TLS listener', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let authority: TestAuthority;
  let server: TestCertificate;
  let client: TestCertificate;
  let ca: Buffer;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    authority = await TestAuthority.make(directory.path);
    server = await authority.server();
    client = await authority.issue('/C=DE/O=Acme, Inc./OU=Press+UID=7/CN=press-7');
    ca = await authority.bytes;
  });

  afterAll(() => directory[Symbol.asyncDispose]());

  async function pair({ certificate, key }: TestCertificate) {
    return { cert: await readFile(certificate), key: await readFile(key) };
  }

  /** Of a handshake: resolves when the connection is of use to its client, rejects when it is refused. */
  async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
    const socket = connect({ host: '127.0.0.1', port, ca, ...options });
    await once(socket, 'secureConnect');
    // In TLS 1.3 a client is through before the server has judged its certificate.
    socket.write('CONNECT\naccept-version:1.2\nhost:h\n\n\0');
    const ended = once(socket, 'close').then(() => Promise.reject(new Error('closed')));
    await Promise.race([once(socket, 'data'), ended]);
    return socket;
  }

  it('carries MQTT, AMQP and STOMP', async () => {
    await using mqtts = await listening('mqtts', { tls: server });
    expect(await overMqtt(`mqtts://127.0.0.1:${mqtts.port}`, { ca })).toBe('Grüße');
    await using amqps = await listening('amqps', { tls: server });
    expect(await overAmqp({ port: amqps.port, transport: 'tls', ca })).toBe('Grüße');
    await using stomps = await listening('stomps', { tls: server });
    expect(await overStompit({ host: '127.0.0.1', port: stomps.port, ssl: true, ca })).toBe('Grüße');
    for (const { peers } of [mqtts, amqps, stomps]) {
      expect(peers[0]).toMatchObject({ encrypted: true, certificateSubject: undefined });
    }
  });

  it.skipIf(!mosquitto.present)('carries what mosquitto_pub sends', async () => {
    await using mqtts = await listening('mqtts', { tls: server });
    const to = ['--cafile', authority.ca, '-h', 'localhost', '-p', String(mqtts.port)];
    await run(mosquitto.path, [...to, '-t', 'a', '-q', '1', '-m', 'x']);
    expect(mqtts.peers).toHaveLength(1);
  });

  it.skipIf(!proton.present)('carries what Qpid Proton sends, with a certificate of its own', async () => {
    const tls = { ...server, ca: authority.ca, clientCertificates: 'require' } as const;
    await using amqps = await listening('amqps', { tls });
    const files = [authority.ca, client.certificate, client.key];
    const { stdout } = await run(proton.path, [protonRoundTrip, `amqps://localhost:${amqps.port}`, ...files]);
    expect(stdout).toBe('Grüße\n');
    expect(amqps.peers[0]?.certificateSubject).toContain('CN=press-7');
  });

  it('refuses TLS 1.1 and older', async () => {
    await using stomps = await listening('stomps', { tls: server });
    expect(
      await isRefused(
        handshake(stomps.port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
      ),
    ).toBe(true);
    expect(await handshake(stomps.port, { maxVersion: 'TLSv1.2' })).toBeDefined();
    await using newer = await listening('stomps', { tls: { ...server, minVersion: 'TLSv1.3' } });
    expect(await isRefused(handshake(newer.port, { maxVersion: 'TLSv1.2' }))).toBe(true);
  });

  it('knows the subject of a certificate, in the order and with the escapes of RFC 4514', async () => {
    const tls = { ...server, ca: authority.ca, clientCertificates: 'require' } as const;
    await using stomps = await listening('stomps', { tls });
    using socket = disposable(await handshake(stomps.port, await pair(client)));
    expect(stomps.peers[0]).toMatchObject({
      encrypted: true,
      certificateSubject: 'CN=press-7,OU=Press+UID=7,O=Acme\\, Inc.,C=DE',
    });
    expect(socket.value.authorized).toBe(true);
  });

  it('keeps the subject over a resumed session', async () => {
    const tls = { ...server, ca: authority.ca, clientCertificates: 'require' } as const;
    await using stomps = await listening('stomps', { tls });
    const session = Promise.withResolvers<Buffer>();
    const socket = connect({ host: '127.0.0.1', port: stomps.port, ca, ...(await pair(client)) });
    socket.on('session', session.resolve);
    socket.write('CONNECT\naccept-version:1.2\nhost:h\n\n\0');
    await once(socket, 'data');
    const resumption = { session: await session.promise, ...(await pair(client)) };
    using again = disposable(await handshake(stomps.port, resumption));
    socket.destroy();
    expect(again.value.isSessionReused()).toBe(true);
    expect(stomps.peers.map(({ certificateSubject }) => certificateSubject)).toEqual(
      Array.from({ length: 2 }, () => 'CN=press-7,OU=Press+UID=7,O=Acme\\, Inc.,C=DE'),
    );
  });

  it('refuses clients without a certificate, or with a foreign one, where one is required', async () => {
    const foreign = await (await TestAuthority.make(directory.path, 'foreign')).issue('/CN=press-7');
    const tls = { ...server, ca: authority.ca, clientCertificates: 'require' } as const;
    await using stomps = await listening('stomps', { tls });
    expect(await isRefused(handshake(stomps.port))).toBe(true);
    expect(await isRefused(handshake(stomps.port, await pair(foreign)))).toBe(true);
    expect(stomps.peers).toEqual([]);
  });

  it('lets clients without a certificate in where one is wanted, but none with a foreign one', async () => {
    const foreign = await (await TestAuthority.make(directory.path, 'foreign-too')).issue('/CN=press-7');
    const tls = { ...server, ca: authority.ca, clientCertificates: 'want' } as const;
    await using stomps = await listening('stomps', { tls });
    using without = disposable(await handshake(stomps.port));
    using withOwn = disposable(await handshake(stomps.port, await pair(client)));
    expect(await isRefused(handshake(stomps.port, await pair(foreign)))).toBe(true);
    expect([without, withOwn]).toHaveLength(2);
    expect(stomps.peers.map(({ certificateSubject }) => certificateSubject)).toEqual([
      undefined,
      'CN=press-7,OU=Press+UID=7,O=Acme\\, Inc.,C=DE',
    ]);
  });

  it('shows a new certificate once its files have changed, and keeps what it had when they do not fit', async () => {
    const [first, second] = [
      await authority.server('/CN=localhost/O=first'),
      await authority.server('/CN=localhost/O=second'),
    ];
    const files = { certificate: join(directory.path, 'shown.pem'), key: join(directory.path, 'shown-key.pem') };
    const put = async ({ certificate }: TestCertificate, { key }: TestCertificate) => {
      await copyFile(certificate, files.certificate);
      await copyFile(key, files.key);
    };
    await put(first, first);
    const clock = new ManualClock();
    const told: string[] = [];
    const log: Log = { ...silent, info: (_, text) => told.push(text), error: (_, text) => told.push(text) };
    await using stomps = await listening('stomps', { tls: files, clock, log });
    const shown = async () => {
      using socket = disposable(await handshake(stomps.port));
      return socket.value.getPeerCertificate().subject.O;
    };
    using kept = disposable(await handshake(stomps.port));
    expect(await shown()).toBe('first');
    await put(second, first);
    clock.turn(2000);
    await expect.poll(() => told.at(-1)).toBe('the certificates that were there before stay in use');
    expect(await shown()).toBe('first');
    await put(second, second);
    clock.turn(2000);
    await expect.poll(() => told.at(-1)).toBe('read the certificates again');
    expect(await shown()).toBe('second');
    kept.value.write('\n');
    expect(kept.value.destroyed).toBe(false);
    await put(first, first);
    await stomps.certificates?.reload();
    expect(await shown()).toBe('first');
  });

  it('ends a connection that does not speak TLS, or not in time, and tells once for each address', async () => {
    const told: object[] = [];
    const log: Log = { ...silent, warn: (details) => told.push(details) };
    await using stomps = await listening('stomps', { tls: server, log, handshakeTimeoutMs: 100 });
    for (const bytes of ['CONNECT\n\n\0', '', '\x16\x03\x01\0\xff\x01']) {
      const socket = connectTcp({ host: '127.0.0.1', port: stomps.port });
      socket.on('error', () => undefined);
      socket.write(bytes, 'latin1');
      await closed(socket);
    }
    expect(told).toHaveLength(1);
    expect(stomps.refused).toHaveLength(1);
    expect(stomps.peers).toEqual([]);
  });

  it('says what is wrong with its files', async () => {
    const missing = join(directory.path, 'missing.pem');
    await expect(listening('stomps', { tls: { ...server, key: missing } })).rejects.toThrow(
      `read tls.key "${missing}"`,
    );
    const other = await authority.server();
    await expect(listening('stomps', { tls: { ...server, key: other.key } })).rejects.toThrow('key values mismatch');
  });
});

async function isRefused(connection: Promise<TLSSocket>): Promise<boolean> {
  return connection.then(
    (socket) => {
      socket.destroy();
      return false;
    },
    () => true,
  );
}

function disposable<T extends { destroy(): unknown }>(value: T): Disposable & { readonly value: T } {
  return { value, [Symbol.dispose]: () => void value.destroy() };
}
