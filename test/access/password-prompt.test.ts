// Passwords that are asked for at a terminal: twice, and unseen.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { debianPython } from '../support/debian.ts';
import { temporaryDirectory } from '../support/engine-process.ts';

const python = debianPython('python3', 'pty');
const terminal = fileURLToPath(new URL('terminal.py', import.meta.url));
const cli = fileURLToPath(new URL('../../broker/cli.ts', import.meta.url));

describe.skipIf(!python.present)('at a terminal', () => {
  it('a password is asked for twice, and not shown', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'users.yml');
    const add = (name: string, ...answers: string[]) => {
      const command = [process.execPath, cli, 'user', 'add', name, '--file', file];
      return promisify(execFile)(python.path, [terminal, ...answers, '--', ...command]);
    };
    const { stdout } = await add('ann', 'secret', 'secret');
    expect(stdout.split('\n').filter((line) => line !== '')).toEqual([
      'Password: ',
      'Again: ',
      `added user "ann" to ${file}`,
    ]);
    await expect(add('bob', 'secret', 'sceret')).rejects.toMatchObject({
      code: 64,
      stdout: expect.stringContaining('the two passwords differ'),
    });
  });
});
