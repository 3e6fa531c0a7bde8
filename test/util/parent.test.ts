// An engine that an npm script runs ends with it: who stops npm has stopped the engine.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { whenParentIsGone } from '../../broker/util/parent.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const options = ['amqp', 'mqtt', 'stomp', 'cloud', 'console'].flatMap((name) => ['--set', `listeners.${name}=0`]);

describe('an engine run by npm', () => {
  let data: string;

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'causeway-npm-'));
  });

  afterEach(() => rm(data, { recursive: true }));

  it.each([
    ['npm run causeway', ['run', '--silent', 'causeway', '--', 'serve']],
    ['npm start', ['start', '--silent', '--']],
  ])('stops in order when SIGTERM ends %s', async (_what, args) => {
    const npm = spawn('npm', [...args, '--data', data, ...options], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const events = lines(npm);
    expect(await events.next()).toMatchObject({ value: expect.stringMatching(/^\{"event":"ready"/) });
    npm.kill('SIGTERM');
    expect(await events.next()).toEqual({ done: false, value: '{"event":"stopped"}' });
    // Its output ends with the last process that could write to it.
    expect(await events.next()).toMatchObject({ done: true });
    if (npm.exitCode === null && npm.signalCode === null) await once(npm, 'exit');
  });
});

describe('watching the parent', () => {
  it('tells once that the parent is gone, and looks no more', () => {
    const due: (() => void)[] = [];
    const cancel = vi.fn<() => void>();
    const after = (_ms: number, run: () => void) => {
      due.push(run);
      return { cancel };
    };
    const gone = vi.fn<() => void>();
    const watch = whenParentIsGone({ now: () => 0, monotonic: () => 0, after }, gone);
    due.shift()!();
    expect(gone).not.toHaveBeenCalled();
    vi.spyOn(process, 'ppid', 'get').mockReturnValue(1);
    due.shift()!();
    expect(gone).toHaveBeenCalledOnce();
    expect(due).toEqual([]);
    watch.cancel();
    expect(cancel).toHaveBeenCalledOnce();
  });
});

function lines(child: ChildProcess): AsyncIterator<string> {
  return createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
}
