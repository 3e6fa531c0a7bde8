// The README's tour, as a new user would type it, against an engine on the ports that it names.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { debian } from './support/debian.ts';
import { EngineProcess, temporaryDirectory } from './support/engine-process.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const sample = fileURLToPath(new URL('../examples/causeway.yml', import.meta.url));
const tour = [...readme.matchAll(/^```sh tour\n([^]*?)^```$/gm)].map(([, commands]) => commands).join('');

const clients = [
  debian('mosquitto-clients', 'mosquitto_pub'),
  debian('python3-stomp', 'stomp'),
  debian('awscli', 'aws'),
];

/** The ports stand in the README as users know them: this engine's are put in their place. */
function onPortsOf(engine: Readonly<Record<string, { readonly port: number }>>, commands: string): string {
  return commands
    .replaceAll('127.0.0.1 -P 61613', `127.0.0.1 -P ${engine['stomp']!.port}`)
    .replaceAll('127.0.0.1:4566', `127.0.0.1:${engine['cloud']!.port}`)
    .replaceAll(/\bmosquitto_(pub|sub)\b/g, `mosquitto_$1 -p ${engine['mqtt']!.port}`);
}

function shell(script: string): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['-e', '-c', script], (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`${error.message}\n${stderr}`));
      else resolve({ stdout, stderr });
    });
  });
}

describe.skipIf(clients.some(({ present }) => !present))('the tour of the README', () => {
  it('does what it says', async () => {
    await using directory = await temporaryDirectory();
    await using engine = new EngineProcess({ dataDirectory: directory.path, config: sample });
    const { listeners } = await engine.seen('ready');
    const { stdout } = await shell(onPortsOf(listeners, tour));
    const shown = [...readme.matchAll(/^```(?:json)?\n([[a][^]*?)^```$/gm)].map(([, text]) => text!.trim());
    expect(shown).toHaveLength(2);
    for (const text of shown) for (const line of text.split('\n')) expect(stdout).toContain(line);
    expect(stdout).toContain('EUR 12.50');
  });
});
