// Another SMTP relay, or none, while the engine runs: the configuration is read again.

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { smtpRelay } from '../../support/smtp-relay.ts';
import { within } from '../../support/within.ts';

const cli = fileURLToPath(new URL('../../../broker/cli.ts', import.meta.url));
const mostMs = 30_000;

it('sends mail by the relay that the configuration names by now, and none without one', async () => {
  await using directory = await temporaryDirectory();
  await using first = await smtpRelay();
  await using second = await smtpRelay();
  const config = join(directory.path, 'causeway.yml');
  const write = (port: number | undefined) =>
    writeFile(
      config,
      port === undefined
        ? 'cloud: {}\n'
        : `cloud: { sns: { smtp: { url: "smtp://127.0.0.1:${port}", from: sns@causeway.example } } }\n`,
    );
  await write(undefined);
  await using engine = new EngineProcess({ dataDirectory: join(directory.path, 'data'), config });
  const { listeners, consoleUrl } = await engine.seen('ready');
  const reload = async (port: number | undefined): Promise<void> => {
    await write(port);
    const args = [cli, 'route', 'reload', '--url', consoleUrl];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: mostMs });
    expect(stdout).toContain('waiting for a restart\t-\n');
  };
  const sns = new SNSClient({
    endpoint: `http://127.0.0.1:${listeners['cloud']!.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }));
  const publish = (Message: string) => sns.send(new PublishCommand({ TopicArn, Message }));

  await reload(first.port);
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ada@example.org' }));
  const asked = await within(first.took(1), mostMs, () => 'the confirmation');
  await fetch(/http\S+ConfirmSubscription\S+/.exec(asked.text)![0]);
  await publish('by the first');
  expect((await within(first.took(2), mostMs, () => 'a mail by the first')).text).toContain('by the first');

  await reload(second.port);
  await publish('by the second');
  expect((await within(second.took(1), mostMs, () => 'a mail by the second')).text).toContain('by the second');

  await reload(undefined);
  await publish('by none');
  await reload(first.port);
  await publish('by the first again');
  expect((await within(first.took(3), mostMs, () => 'a mail by the first again')).text).toContain('by the first again');
  expect([first.taken.length, second.taken.length]).toEqual([3, 1]);
  sns.destroy();
}, 120_000);
