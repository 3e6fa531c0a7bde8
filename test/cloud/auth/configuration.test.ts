// cloud.credentials and cloud.iam in the configuration, and an engine that is started with them.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../broker/config.ts';
import { Engine } from '../../../broker/engine.ts';
import { silent } from '../../../broker/util/log.ts';
import { refusalOf } from './endpoint.ts';

const key = "accessKeyId: ANN, secretAccessKey: secret, account: '111122223333'";

describe('the configuration', () => {
  it('checks nothing by default', () => {
    expect(loadConfig().cloud).toMatchObject({ credentials: [], iam: 'off' });
  });

  it('says who a key is', () => {
    const statement = "{ Statement: { Effect: Allow, Action: 'sqs:*', Resource: '*' } }";
    const { cloud } = loadConfig({ set: [`cloud.credentials=[{ ${key}, user: ann, policies: [${statement}] }]`] });
    expect(cloud.credentials[0]).toMatchObject({
      accessKeyId: 'ANN',
      caller: { kind: 'user', account: '111122223333', arn: 'arn:aws:iam::111122223333:user/ann' },
    });
  });

  it.each([
    [`[{ ${key}, policies: [{}] }]`, /needs user|Statement/],
    [`[{ ${key}, user: ann, policies: [{ Statement: { Effect: Allow } }] }]`, /policies\.0: a statement needs Action/],
    [`[{ ${key} }, { ${key} }]`, /two of them have the same accessKeyId/],
    [
      `[{ ${key}, users: ann }]`,
      /unknown key "cloud\.credentials\.0\.users", did you mean "cloud\.credentials\.0\.user"/,
    ],
    ['[{ accessKeyId: ANN }]', /credentials\.0\.secretAccessKey/],
  ])('refuses %s', (credentials, message) => {
    expect(() => loadConfig({ set: [`cloud.credentials=${credentials}`] })).toThrow(message);
  });
});

describe('an engine', () => {
  it('verifies and enforces what it is told', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'causeway-auth-'));
    const file = join(directory, 'causeway.yml');
    writeFileSync(
      file,
      `listeners: { amqp: false, mqtt: false, stomp: false, console: false, cloud: { port: 0 } }
cloud:
  iam: enforce
  credentials:
    - { accessKeyId: ROOT, secretAccessKey: root, account: '111122223333' }
    - { ${key}, user: ann }
`,
    );
    const readConfig = () => loadConfig({ file, dataDirectory: join(directory, 'data') });
    const engine = new Engine(readConfig(), silent, readConfig);
    const { listeners } = await engine.start({ signal: AbortSignal.timeout(20_000), onStandby: () => {} });
    try {
      const { port } = listeners['cloud']!;
      const sqs = (accessKeyId: string, secretAccessKey: string) =>
        new SQSClient({
          endpoint: `http://127.0.0.1:${port}`,
          region: 'us-east-1',
          credentials: { accessKeyId, secretAccessKey },
          maxAttempts: 1,
        });
      const { QueueUrl } = await sqs('ROOT', 'root').send(new CreateQueueCommand({ QueueName: 'orders' }));
      expect(QueueUrl).toBe(`http://127.0.0.1:${port}/111122223333/orders`);
      const message = new SendMessageCommand({ QueueUrl, MessageBody: 'm' });
      expect(await refusalOf(sqs('ANN', 'secret').send(message))).toMatchObject({ 0: 'AccessDenied', 2: 403 });
      expect(await refusalOf(sqs('ANN', 'guessed').send(message))).toMatchObject({ 0: 'SignatureDoesNotMatch' });
    } finally {
      await engine.close();
    }
  });
});
