// HTTPS beside HTTP on the cloud port, with a certificate of the engine's own: the clients that people have, told to trust it
// as `causeway trust` says.

import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnCertificate, serverFile } from '../../broker/own-certificate.ts';
import { Certificates } from '../../broker/protocols/transport/certificates.ts';
import { systemClock } from '../../broker/util/clock.ts';
import { silent } from '../../broker/util/log.ts';
import { debian, debianPython } from '../support/debian.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { accessKey, guardedEndpoint, shop } from './auth/endpoint.ts';
import { testEndpoint } from './endpoint.ts';

const openssl = debian('openssl', 'openssl');
const boto3 = debianPython('python3-boto3', 'boto3');
const cli = debian('awscli', 'aws');
const run = promisify(execFile);
const project = fileURLToPath(new URL('../..', import.meta.url));
const dayMs = 24 * 3_600_000;
const credentials = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

describe('an engine with cloud.tls: true', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let engine: EngineProcess;
  let ca: string;
  let port: number;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    ca = join(directory.path, 'tls', 'ca.pem');
    engine = new EngineProcess({ dataDirectory: directory.path, set: ['cloud.tls=true'] });
    ({ port } = (await engine.seen('ready')).listeners['cloud']!);
  });

  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  it('is spoken to by the AWS SDK over https: Kinesis over HTTP/2, SQS and SNS over HTTP/1.1', async () => {
    const script = `
      import { KinesisClient, CreateStreamCommand, DescribeStreamSummaryCommand, PutRecordCommand } from '@aws-sdk/client-kinesis';
      import { SNSClient, CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
      import { SQSClient, CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
      const config = { endpoint: process.argv[1], region: 'us-east-1', maxAttempts: 1 };
      const kinesis = new KinesisClient(config);
      await kinesis.send(new CreateStreamCommand({ StreamName: 'over-tls', ShardCount: 1 }));
      await kinesis.send(new PutRecordCommand({ StreamName: 'over-tls', Data: Buffer.from('x'), PartitionKey: 'k' }));
      const { StreamDescriptionSummary: stream } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'over-tls' }));
      const sqs = new SQSClient(config);
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'over-tls' }));
      const sns = new SNSClient(config);
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'over-tls' }));
      const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:over-tls';
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
      await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }));
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      const { SigningCertURL, UnsubscribeURL } = JSON.parse(Messages[0].Body);
      console.log(JSON.stringify({ status: stream.StreamStatus, QueueUrl, SigningCertURL, UnsubscribeURL }));
      for (const client of [kinesis, sqs, sns]) client.destroy();
    `;
    const url = `https://localhost:${port}`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, url], {
      cwd: project,
      env: { ...credentials, NODE_EXTRA_CA_CERTS: ca },
    });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ status: 'ACTIVE', QueueUrl: `${url}/000000000000/over-tls` });
    expect(result.SigningCertURL).toMatch(new RegExp(`^${url}/SimpleNotificationService-`));
    expect(result.UnsubscribeURL).toMatch(new RegExp(`^${url}/\\?Action=Unsubscribe`));
  }, 60_000);

  it('offers HTTP/2 and HTTP/1.1 by ALPN, and HTTP/1.1 to who asks for neither', async () => {
    const bytes = await readFile(ca);
    const chosen = async (ALPNProtocols?: string[]): Promise<string | false | null> => {
      const socket = connect({ port, host: 'localhost', ca: bytes, ...(ALPNProtocols && { ALPNProtocols }) });
      await once(socket, 'secureConnect');
      const { alpnProtocol } = socket;
      socket.destroy();
      return alpnProtocol;
    };
    expect(await chosen(['h2', 'http/1.1'])).toBe('h2');
    expect(await chosen(['http/1.1'])).toBe('http/1.1');
    expect(await chosen()).toBe(false);
    const socket = connect({ port, host: 'localhost', ca: bytes });
    await once(socket, 'secureConnect');
    socket.end('GET /?Action=ListQueues HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toContain('<ListQueuesResult>');
  });

  it('takes plain HTTP on the same port', async () => {
    const answer = await fetch(`http://localhost:${port}/?Action=CreateQueue&QueueName=plain`);
    expect(await answer.text()).toContain(`<QueueUrl>http://localhost:${port}/000000000000/plain</QueueUrl>`);
  });

  it.skipIf(!openssl.present)('has a chain and names that OpenSSL verifies, and refuses TLS 1.1', async () => {
    const connecting = ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', ca, '-verify_return_error'];
    for (const name of ['localhost', 'bucket.s3.localhost']) {
      const { stdout } = await runWithInput(openssl.path, [...connecting, '-verify_hostname', name]);
      expect(stdout).toContain(`Verified peername: ${name === 'localhost' ? name : '*.s3.localhost'}`);
      expect(stdout).toContain('Verify return code: 0 (ok)');
    }
    for (const ip of ['127.0.0.1', '::1']) {
      expect((await runWithInput(openssl.path, [...connecting, '-verify_ip', ip])).stdout).toContain('code: 0 (ok)');
    }
    await expect(runWithInput(openssl.path, [...connecting, '-tls1_1', '-cipher', 'ALL@SECLEVEL=0'])).rejects.toThrow(
      'alert protocol version',
    );
    const { stdout } = await run(openssl.path, [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-CAfile',
      ca,
      serverFile(directory.path),
    ]);
    expect(stdout).toContain(': OK');
  });

  it.skipIf(!boto3.present)(
    'is spoken to by boto3 with AWS_CA_BUNDLE, and not without',
    async () => {
      const script = `
import sys, boto3, botocore
for service in ('sqs', 'sns', 'kinesis'):
    client = boto3.client(service, endpoint_url=sys.argv[1])
    getattr(client, {'sqs': 'list_queues', 'sns': 'list_topics', 'kinesis': 'list_streams'}[service])()
print(boto3.client('sqs', endpoint_url=sys.argv[1]).create_queue(QueueName='from-boto3')['QueueUrl'])
`;
      const url = `https://localhost:${port}`;
      const env = { ...credentials, PATH: '/usr/bin:/bin' };
      const { stdout } = await run(boto3.path, ['-c', script, url], { env: { ...env, AWS_CA_BUNDLE: ca } });
      expect(stdout.trim()).toBe(`${url}/000000000000/from-boto3`);
      await expect(run(boto3.path, ['-c', script, url], { env: { ...env, AWS_MAX_ATTEMPTS: '1' } })).rejects.toThrow(
        'certificate verify failed',
      );
    },
    60_000,
  );

  it.skipIf(!cli.present)(
    'is spoken to by the AWS CLI with AWS_CA_BUNDLE',
    async () => {
      const url = `https://127.0.0.1:${port}`;
      const { stdout } = await run(cli.path, ['--endpoint-url', url, 'sqs', 'create-queue', '--queue-name', 'cli'], {
        env: { ...credentials, PATH: '/usr/bin:/bin', AWS_CA_BUNDLE: ca },
      });
      expect(JSON.parse(stdout)).toEqual({ QueueUrl: `${url}/000000000000/cli` });
    },
    60_000,
  );
});

describe('the endpoint with TLS', () => {
  it('ends a handshake that takes too long', async () => {
    await using tls = await ownCertificates();
    await using endpoint = await testEndpoint({ certificates: tls.certificates, limits: { headersMs: 200 } });
    const socket = connectPlain(endpoint.port, '127.0.0.1');
    // The beginning of a ClientHello that never goes on.
    socket.write(Buffer.from('16030100c8010000', 'hex'));
    await once(socket.resume(), 'close');
    await expect.poll(() => [...endpoint.clients].length).toBe(0);
  });

  it('closes while handshakes are under way', async () => {
    await using tls = await ownCertificates();
    const endpoint = await testEndpoint({ certificates: tls.certificates });
    const socket = connectPlain(endpoint.port, '127.0.0.1');
    socket.write(Buffer.from('16030100c8010000', 'hex'));
    await expect.poll(() => [...endpoint.clients].length).toBe(1);
    const closed = once(socket.resume(), 'close');
    await endpoint[Symbol.asyncDispose]();
    await closed;
  });

  it('answers what begins as TLS does, where there is none, as it answers other noise', async () => {
    await using endpoint = await testEndpoint();
    const socket = connectPlain(endpoint.port, '127.0.0.1');
    socket.write(Buffer.from('16030100c8010000', 'hex'));
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('lets policies tell aws:SecureTransport', async () => {
    await using tls = await ownCertificates();
    const statement = { Effect: 'Allow', Action: 'sqs:*', Resource: '*' };
    const condition = { Bool: { 'aws:SecureTransport': 'true' } };
    const key = accessKey('ANN', shop, 'ann', {
      Version: '2012-10-17',
      Statement: { ...statement, Condition: condition },
    });
    await using endpoint = await guardedEndpoint({ keys: [key], iam: 'enforce', certificates: tls.certificates });
    const request = { path: '/', query: { Action: 'ListQueues' }, method: 'GET' };
    const plain = await endpoint.signed(request, { service: 'sqs' });
    expect([plain.status, plain.text]).toEqual([403, expect.stringContaining('AccessDenied')]);
    const { protocol, host, pathname, search } = new URL(await endpoint.presigned(request, { service: 'sqs' }));
    expect(protocol).toBe('http:');
    const secure = await getOver(tls.ca, `https://${host}${pathname}${search}`);
    expect(secure).toContain('<ListQueuesResult');
  });

  it('shows a renewed certificate to new connections, and renews it before it ends', async () => {
    const clock = new ManualClock();
    await using directory = await temporaryDirectory();
    const own = new OwnCertificate({ dataDirectory: directory.path, names: ['broker.example'], clock, log: silent });
    await own.start();
    const file = serverFile(directory.path);
    const settings = { certificate: file, key: file, minVersion: 'TLSv1.2', clientCertificates: 'none' } as const;
    const certificates = new Certificates(settings, systemClock, silent);
    await certificates.start();
    await using endpoint = await testEndpoint({ certificates });
    const first = await shown(endpoint.port);
    expect(first.subjectAltName).toContain('DNS:broker.example');
    const onDisk = async (): Promise<string> => new X509Certificate(await readFile(file)).fingerprint256;
    clock.turn(370 * dayMs);
    await expect.poll(() => clock.pending).toBe(1);
    expect(await onDisk()).toBe(first.fingerprint256);
    clock.turn(dayMs);
    await expect.poll(onDisk).not.toBe(first.fingerprint256);
    await certificates.reload();
    const second = await shown(endpoint.port);
    expect(second.fingerprint256).not.toBe(first.fingerprint256);
    expect(second.issuer).toBe(first.issuer);
    expect(second.subjectAltName).toBe(first.subjectAltName);
    own.close();
    certificates.close();
  });
});

describe('an engine with tls: own', () => {
  it('has the same certificate at the listeners of the broker', async () => {
    await using directory = await temporaryDirectory();
    const secure = ['amqps', 'mqtts', 'stomps', 'wss'];
    await using engine = new EngineProcess({
      dataDirectory: directory.path,
      set: [
        'tls={own: true, names: [broker.example]}',
        'cloud.tls=true',
        ...secure.map((name) => `listeners.${name}=0`),
      ],
    });
    const { listeners } = await engine.seen('ready');
    const ca = await readFile(join(directory.path, 'tls', 'ca.pem'));
    for (const name of [...secure, 'cloud']) {
      const socket = connect({ port: listeners[name]!.port, host: '127.0.0.1', servername: 'broker.example', ca });
      await once(socket, 'secureConnect');
      expect([name, socket.authorized]).toEqual([name, true]);
      socket.destroy();
    }
  });
});

describe('causeway trust', () => {
  const trust = (...args: string[]) => run(process.execPath, [join(project, 'broker/cli.ts'), 'trust', ...args]);

  it('makes the authority where there is none, and says how to trust it', async () => {
    await using directory = await temporaryDirectory();
    const { stdout, stderr } = await trust('--data', directory.path, '--set', 'cloud.tls=true');
    const certificate = new X509Certificate(await readFile(join(directory.path, 'tls', 'ca.pem')));
    expect(certificate.ca).toBe(true);
    expect(stdout).toContain(certificate.fingerprint256);
    for (const word of [
      'update-ca-certificates',
      'NODE_EXTRA_CA_CERTS=',
      'AWS_CA_BUNDLE=',
      'keytool',
      'certutil',
      'security',
    ]) {
      expect(stdout).toContain(word);
    }
    expect(stderr).toBe('');
    const again = await trust('--data', directory.path, '--pem');
    expect(again.stdout).toBe(certificate.toString());
    expect(again.stderr).toContain('configure cloud.tls: true');
  });

  it('says what is wrong with an authority that cannot be used', async () => {
    await using directory = await temporaryDirectory();
    await trust('--data', directory.path);
    await run('truncate', ['-s', '10', join(directory.path, 'tls', 'ca-key.pem')]);
    await expect(trust('--data', directory.path)).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining('use the certificate authority'),
    });
  });
});

/** Certificates of our own, in a directory of their own. */
async function ownCertificates(): Promise<
  AsyncDisposable & { readonly certificates: Certificates; readonly ca: Buffer }
> {
  const directory = await temporaryDirectory();
  const own = new OwnCertificate({ dataDirectory: directory.path, names: [], clock: systemClock, log: silent });
  await own.start();
  const file = serverFile(directory.path);
  const settings = { certificate: file, key: file, minVersion: 'TLSv1.2', clientCertificates: 'none' } as const;
  const certificates = new Certificates(settings, systemClock, silent);
  await certificates.start();
  return {
    certificates,
    ca: await readFile(join(directory.path, 'tls', 'ca.pem')),
    async [Symbol.asyncDispose]() {
      own.close();
      certificates.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function shown(port: number): Promise<X509Certificate> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate()!;
  socket.destroy();
  return certificate;
}

async function getOver(ca: Buffer, url: string): Promise<string> {
  const { host, port, pathname, search } = new URL(url);
  const socket = connect({ port: Number(port), host: 'localhost', ca });
  await once(socket, 'secureConnect');
  socket.end(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

function runWithInput(program: string, args: readonly string[]): Promise<{ readonly stdout: string }> {
  const running = run(program, [...args]);
  running.child.stdin?.end();
  return running;
}
