// That docs/security.md is true: its commands are typed in order, its configuration is run, and what it says of its rules asked.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAsync } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../broker/config.ts';
import { openssl } from '../support/certificates.ts';
import { EngineProcess, temporaryDirectory } from '../support/engine-process.ts';
import { RawClient } from '../protocols/stomp/raw-client.ts';

const page = readFileSync(fileURLToPath(new URL('../../docs/security.md', import.meta.url)), 'utf8');
const cli = fileURLToPath(new URL('../../broker/cli.ts', import.meta.url));

function blocks(kind: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!);
}

function type(commands: string, cwd: string): Promise<string> {
  const script = `set -e\ncauseway() { "${process.execPath}" "${cli}" "$@"; }\n${commands}`;
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script], { cwd, timeout: 25_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${commands}\n${stdout}${stderr}`, { cause: error }));
      else resolve(stdout);
    });
  });
}

describe.skipIf(!openssl.present)('docs/security.md', () => {
  it('has commands that work, and rules that do what it says', async () => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    const [certificates, users, well, ...more] = blocks('sh');
    expect(more).toEqual([]);
    await type(certificates!, path);
    expect(await type(users!, path)).toMatch(/^ann\tstaff\tpassword, SCRAM-SHA-256$/m);
    const [tls, , access, audit] = blocks('yaml');
    const config = parse(`${tls}${access}${audit}`) as { access: { rules: object[] } };
    config.access.rules.push({ topic: 'causeway.doctor.>', read: ['staff'], write: ['staff'] });
    const file = join(path, 'causeway.yml');
    await writeFile(file, JSON.stringify(config));
    const set = ['amqps', 'mqtts', 'stomps', 'wss'].map((name) => `listeners.${name}=0`);
    await using engine = new EngineProcess({ dataDirectory: join(path, 'data'), config: file, set, cwd: path });
    const { listeners } = await engine.seen('ready');

    const mqtts = String(listeners['mqtts']!.port);
    expect(await type(well!.replaceAll('8883', mqtts), path)).toMatch(
      /ok {4}MQTT over TLS .* a message went there and back/,
    );

    const ann = 'login:ann\npasscode:a long sentence\n';
    for (const [destination, isAllowed] of [
      ['/queue/orders', true],
      ['/queue/orders.>', true],
      ['/queue/payroll.may', false],
      ['/queue/>', false],
      ['/topic/alerts', true],
      ['/topic/telemetry.press-7', true],
    ] as const) {
      await using client = await RawClient.connected(listeners['stomp']!.port, '1.2', ann);
      client.send(`SUBSCRIBE\nid:1\ndestination:${destination}\nreceipt:1\n\n\0`);
      expect([destination, (await client.frame()).command]).toEqual([destination, isAllowed ? 'RECEIPT' : 'ERROR']);
    }

    const pem = (name: string): Promise<Buffer> => readFile(join(path, 'certificates', name));
    const device = await connectAsync(
      `mqtts://localhost:${mqtts}`,
      { ca: await pem('ca.pem'), cert: await pem('press-7.pem'), key: await pem('press-7-key.pem') },
      false,
    );
    await device.publishAsync('telemetry/press-7', 'x', { qos: 1 });
    await expect(device.subscribeAsync('telemetry/#')).rejects.toThrow('Subscribe error');
    await device.endAsync();
    await expect
      .poll(() => readFile(join(path, 'audit.jsonl'), 'utf8'))
      .toMatch(/"event":"denied".*"user":"press-7","operation":"read","destination":"topic:\/\/telemetry\.>"/);
  });

  it('names the ports that there are', () => {
    const { listeners } = loadConfig({ set: ['tls={certificate: c, key: k}', 'listeners.any=true'] });
    const open = { ...listeners, ws: loadConfig({ set: ['listeners.ws=true'] }).listeners.ws };
    const rows = [...page.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| ([\d, ]+) \|/gm)].flatMap(([, names, ports]) => {
      const numbers = ports!.split(', ').map(Number);
      return names!.split(', ').map((name, i) => [name.replaceAll('`', ''), numbers[i]] as const);
    });
    expect(rows.length).toBe(9);
    for (const [name, port] of rows) expect([name, open[name as 'amqp']]).toMatchObject([name, { port }]);
  });
});
