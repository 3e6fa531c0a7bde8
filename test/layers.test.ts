// The table of layers bites: each violation planted here is refused by oxlint, by name, and what the table allows
// passes. The planted files lie in a copy of the tree's shape, with this project's own configuration.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('..', import.meta.url));

const refused: [file: string, imported: string, message: string][] = [
  ['broker/core/queue.ts', '../store/sqlite.ts', 'broker/core imports only util.'],
  ['broker/core/deep/queue.ts', '../../store/sqlite.ts', 'broker/core imports only util.'],
  ['broker/core/queue.ts', '../engine.ts', 'broker/core imports only util.'],
  ['broker/core/dynamic.ts', 'await ../control/server.ts', 'broker/core imports only util.'],
  ['broker/util/clock.ts', '../core/message.ts', 'broker/util imports nothing of ours.'],
  ['broker/store/sqlite.ts', '../ha/lease.ts', 'broker/store imports only core and util'],
  ['broker/cloud/sqs/send-message.ts', '../../bridge/route.ts', 'broker/cloud imports only core and util'],
  ['broker/bridge/endpoints/sqs/target.ts', '../../../cloud/http.ts', 'broker/bridge imports only core and util'],
  ['broker/access/users.ts', '../protocols/listener.ts', 'broker/access imports only core and util'],
  ['broker/ha/standby.ts', '../store/sqlite.ts', 'broker/ha imports only core and util'],
  ['broker/control/server.ts', '../config.ts', 'broker/control imports only core and util'],
  ['broker/control/views.ts', '../../renderer/app.tsx', 'broker/control imports only core and util'],
  ['broker/rehearsal/checks.ts', '../cloud/http.ts', 'broker/rehearsal imports only core and util'],
  ['broker/protocols/listener.ts', '../store/sqlite.ts', 'broker/protocols imports only core and util'],
  ['broker/protocols/mqtt/connection.ts', '../stomp/frame.ts', 'not another dialect'],
  ['broker/protocols/amqp/codec/decode.ts', '../../mqtt/packet.ts', 'not another dialect'],
  ['broker/protocols/stomp/frame.ts', '../../cloud/http.ts', 'not another dialect'],
  ['broker/doctor/examine.ts', '../config.ts', 'broker/doctor imports only core and util'],
  ['broker/engine.ts', '../main/window.ts', 'does not know what runs it'],
  ['broker/engine.ts', 'electron', 'has its home elsewhere'],
  ['broker/core/queue.ts', 'better-sqlite3', 'has its home elsewhere'],
  ['broker/protocols/amqp/connection.ts', 'rhea', 'has its home elsewhere'],
  ['main/window.ts', '../broker/engine.ts', 'The shell knows the engine only through'],
  ['main/window.ts', '../renderer/app.tsx', 'The shell knows the engine only through'],
  ['renderer/app.ts', '../broker/core/message.ts', 'The page knows the engine only through'],
  ['renderer/views/queues/table.ts', '../../../broker/core/message.ts', 'The page knows the engine only through'],
  ['renderer/app.ts', 'node:fs', 'The page runs in a browser.'],
  ['renderer/app.ts', '../main/menu.ts', 'The page is a web page'],
  ['examples/shop.ts', '../broker/core/message.ts', 'Examples are clients'],
];

const allowed: [file: string, imported: string][] = [
  ['broker/core/queue.ts', '../util/clock.ts'],
  ['broker/core/queue.ts', './message.ts'],
  ['broker/store/sqlite.ts', 'better-sqlite3'],
  ['broker/store/migrations/0001-start.ts', '../../core/store.ts'],
  ['broker/cloud/sqs/send-message.ts', '../wire/json.ts'],
  ['broker/cloud/sqs/send-message.ts', '../../core/errors.ts'],
  ['broker/protocols/mqtt/connection.ts', '../listener.ts'],
  ['broker/protocols/amqp/codec/decode.ts', '../frame.ts'],
  ['broker/protocols/amqp/codec/decode.ts', '../../../util/clock.ts'],
  ['broker/doctor/probe-amqp.ts', 'rhea'],
  ['broker/engine.ts', './cloud/http.ts'],
  ['main/window.ts', '../broker/control/api.ts'],
  ['renderer/views/queues/table.ts', '../../../broker/control/api.ts'],
  ['renderer/views/queues/table.ts', '../../client.ts'],
];

interface Planted {
  readonly file: string;
  readonly line: string;
}

describe('the table of layers', () => {
  let root = '';
  let report = '';

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'causeway-layers-'));
    await copyFile(join(project, 'oxlint.config.ts'), join(root, 'oxlint.config.ts'));
    await symlink(join(project, 'node_modules'), join(root, 'node_modules'));
    await Promise.all([
      ...refused.map(([file, imported], index) => plant({ file: nth('refused', index, file), line: imported })),
      ...allowed.map(([file, imported], index) => plant({ file: nth('allowed', index, file), line: imported })),
    ]);
    report = await lint();
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  it.each(refused.map((row, index) => [...row, index] as const))(
    'refuses %s importing %s',
    (file, _imported, message, index) => {
      const found = findings(nth('refused', index, file));
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ rule: 'eslint(no-restricted-imports)', help: expect.stringContaining(message) });
    },
  );

  it.each(allowed.map((row, index) => [...row, index] as const))('allows %s importing %s', (file, _imported, index) => {
    expect(findings(nth('allowed', index, file))).toEqual([]);
  });

  /** Each case has a file of its own: same folder, same depth. */
  function nth(kind: string, index: number, file: string): string {
    return join(dirname(file), `${kind}-${index}.ts`);
  }

  async function plant({ file, line }: Planted): Promise<void> {
    const path = join(root, file);
    await mkdir(dirname(path), { recursive: true });
    const [word, late] = line.split(' ');
    await writeFile(path, late ? `export const late = await import('${late}');\n` : `export * from '${word}';\n`);
  }

  /** Without types: the planted imports lead nowhere, and this rule does not ask where they lead. */
  function lint(): Promise<string> {
    const oxlint = join(project, 'node_modules/oxlint/bin/oxlint');
    const folders = ['broker', 'main', 'renderer', 'examples'];
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [oxlint, '--format=json', ...folders], { cwd: root }, (error, stdout, stderr) => {
        if (error && error.code !== 1) reject(new Error(`oxlint: ${stderr || stdout}`, { cause: error }));
        else resolve(stdout);
      });
    });
  }

  function findings(file: string): { rule: string; help: string }[] {
    const { diagnostics } = JSON.parse(report) as {
      diagnostics: { filename: string; code: string; help: string }[];
    };
    return diagnostics
      .filter(({ filename, code }) => filename === file && code === 'eslint(no-restricted-imports)')
      .map(({ code, help }) => ({ rule: code, help }));
  }
});
