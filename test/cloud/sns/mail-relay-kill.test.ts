// Mail that was acknowledged goes out however the engine ends: configured as its users do, killed, and started again.

import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { expect, it } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { freePort } from '../../support/free-port.ts';
import { smtpRelay } from '../../support/smtp-relay.ts';

async function started(dataDirectory: string, port: number) {
  const smtp = `{ url: "smtp://127.0.0.1:${port}", from: sns@causeway.example, username: u, password: secret }`;
  const engine = new EngineProcess({ dataDirectory, set: [`cloud.sns.smtp=${smtp}`] });
  const { listeners } = await engine.seen('ready');
  const endpoint = `http://127.0.0.1:${listeners['cloud']!.port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SNSClient({ endpoint, region: 'us-east-1', credentials });
  return {
    client,
    endpoint,
    kill: async () => {
      client.destroy();
      process.kill(engine.pid, 'SIGKILL');
      await engine.exited;
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await engine[Symbol.asyncDispose]();
    },
  };
}

it('is sent once the relay is there, by an engine that was killed meanwhile', { timeout: 60_000 }, async () => {
  await using directory = await temporaryDirectory();
  const port = await freePort();
  const first = await started(directory.path, port);
  const { TopicArn } = await first.client.send(new CreateTopicCommand({ Name: 'events' }));
  await first.client.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ada@example.org' }));
  const mailbox = `${first.endpoint}/_causeway/sns/mailbox`;
  const { mails } = (await (await fetch(mailbox)).json()) as { mails: { confirmationUrl: string }[] };
  await fetch(mails[0]!.confirmationUrl);
  for (let index = 0; index < 5; index += 1) {
    await first.client.send(new PublishCommand({ TopicArn, Message: `message ${index}` }));
  }
  await first.kill();
  await using relay = await smtpRelay(
    { onAuth: ({ username = '', password }, _, done) => done(null, password === 'secret' ? { user: username } : {}) },
    port,
  );
  await using second = await started(directory.path, port);
  await relay.took(6);
  const texts = relay.taken.map(({ text }) => text.split('\n')[0]);
  for (let index = 0; index < 5; index += 1) expect(texts).toContain(`message ${index}`);
  expect(relay.taken.every(({ user }) => user === 'u')).toBe(true);
  const [mail] = ((await (await fetch(`${second.endpoint}/_causeway/sns/mailbox`)).json()) as { mails: object[] })
    .mails;
  expect(mail).toMatchObject({ to: 'ada@example.org', relay: { attempts: expect.any(Number) } });
});
