// The engine's process as the shell keeps it: its states, its restarts, and the bounds of its end.
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineProcess, EngineState } from '../../main/engine-process.ts';
import type { EngineManner } from '../support/desktop.ts';
import { freePort } from '../support/free-port.ts';
import { createUtilityProcesses, type UtilityProcesses } from '../support/utility-processes.ts';
import { waitFor } from '../support/wait.ts';

type Options = ConstructorParameters<typeof EngineProcess>[0];

const modulePath = fileURLToPath(new URL('../support/shell-engine.ts', import.meta.url));

describe('an engine process', () => {
  let processes: UtilityProcesses;
  let engines: EngineProcess[];
  let port: number;
  let log: string;

  beforeEach(async () => {
    processes = createUtilityProcesses();
    engines = [];
    port = await freePort();
    log = '';
    vi.stubEnv('SHELL_ENGINE_PORT', String(port));
    vi.resetModules();
    vi.doMock('electron', () => ({ utilityProcess: processes.utilityProcess }));
  });

  afterEach(async () => {
    // Each by its keeper, who would start it again if it just ended.
    await Promise.all(engines.map((running) => running.kill()));
    await processes[Symbol.asyncDispose]();
  });

  /** An engine that behaves in this manner, and every state it takes. */
  async function engine(manner: EngineManner, options: Partial<Options> = {}) {
    vi.stubEnv('SHELL_ENGINE', manner);
    const module = await import('../../main/engine-process.ts');
    const created = new module.EngineProcess({
      modulePath,
      args: ['serve'],
      name: 'engine under test',
      log: (text) => void (log += text),
      ...options,
    });
    engines.push(created);
    const states: EngineState['name'][] = [];
    created.onChange((state) => states.push(state.name));
    return { engine: created, states };
  }

  it('is ready once the engine says so, with the address of its console', async () => {
    const { engine: running, states } = await engine('obeys');
    running.start();
    const ready = await running.reaches('ready', 10_000);
    expect(ready.consoleUrl).toBe(`http://127.0.0.1:${port}/?token=open-sesame`);
    expect(states).toEqual(['starting', 'ready']);
  });

  it('gives the engine its arguments and keeps what it logs', async () => {
    const { engine: running } = await engine('obeys', { args: ['serve', '--data', '/some/where'] });
    running.start();
    await running.reaches('ready', 10_000);
    await waitFor(() => expect(log).toBe('started with serve --data /some/where\n'));
  });

  it('does not start a second time while it runs', async () => {
    const { engine: running } = await engine('obeys');
    running.start();
    running.start();
    await running.reaches('ready', 10_000);
    running.start();
    expect(processes.started).toHaveLength(1);
  });

  it('stops in order when asked, and can be started again', async () => {
    const { engine: running, states } = await engine('obeys');
    running.start();
    await running.reaches('ready', 10_000);
    await running.stop();
    expect(running.state).toEqual({ name: 'stopped' });
    expect(processes.started[0]!.child).toMatchObject({ exitCode: 0, signalCode: null });
    running.start();
    await running.reaches('ready', 10_000);
    expect(states).toEqual(['starting', 'ready', 'stopped', 'starting', 'ready']);
  });

  it('kills an engine that is deaf to being asked and to SIGTERM, within its bounds', async () => {
    const { engine: running } = await engine('deaf', { timing: { stopMs: 50, killMs: 500 } });
    running.start();
    await running.reaches('ready', 10_000);
    await running.stop();
    expect(running.state).toEqual({ name: 'stopped' });
    expect(processes.started[0]!.child.signalCode).toBe('SIGKILL');
  });

  it('stops while it waits to start again', async () => {
    const { engine: running } = await engine('obeys', { timing: { restartDelaysMs: [60_000] } });
    running.start();
    await running.reaches('ready', 10_000);
    processes.started[0]!.child.kill('SIGKILL');
    await running.reaches('restarting', 10_000);
    await running.stop();
    expect(running.state).toEqual({ name: 'stopped' });
    expect(processes.started).toHaveLength(1);
  });

  it('starts again after a crash, later each time, until it counts as failed', async () => {
    const { engine: running } = await engine('obeys', { timing: { restartDelaysMs: [1, 2] } });
    const delays: number[] = [];
    running.onChange((state) => {
      if (state.name === 'restarting') delays.push(state.delayMs);
    });
    running.start();
    for (let crash = 0; crash < 3; crash++) {
      await running.reaches('ready', 10_000);
      const gone = once(processes.started.at(-1)!, 'exit');
      processes.started.at(-1)!.child.kill('SIGKILL');
      await gone;
    }
    expect(delays).toEqual([1, 2]);
    expect(running.state.name).toBe('failed');
    expect(processes.started).toHaveLength(3);
  });

  it('counts a crash as the first again after a minute without', async () => {
    const { engine: running } = await engine('obeys', { timing: { restartDelaysMs: [500] } });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      running.start();
      for (let crash = 0; crash < 3; crash++) {
        await running.reaches('ready', 10_000);
        vi.advanceTimersByTime(60_000);
        processes.started.at(-1)!.child.kill('SIGKILL');
        await running.reaches('restarting', 10_000);
        vi.advanceTimersByTime(500);
      }
      await running.reaches('ready', 10_000);
    } finally {
      vi.useRealTimers();
    }
    expect(processes.started).toHaveLength(4);
  });

  it('fails at once, with the reason given, when the engine never served', async () => {
    const { engine: running, states } = await engine('fails');
    running.start();
    await expect(running.reaches('ready', 10_000)).rejects.toThrow('listen on 127.0.0.1:5672: the port is in use');
    expect(states).toEqual(['starting', 'failed']);
    expect(processes.started).toHaveLength(1);
  });

  it('fails with what was logged when the engine gave no reason', async () => {
    const { engine: running } = await engine('obeys', { modulePath: '/nowhere/process.js' });
    running.start();
    await expect(running.reaches('ready', 10_000)).rejects.toThrow(/Cannot find module '\/nowhere\/process\.js'/);
  });

  it('says what it waited for in vain', async () => {
    const { engine: running } = await engine('obeys');
    running.start();
    await running.reaches('ready', 10_000);
    await expect(running.reaches('standby', 20)).rejects.toThrow('engine under test is not standby after 20 ms');
  });

  it('is standby until the active is gone, then ready', async () => {
    const { engine: active } = await engine('obeys');
    const { engine: spare, states } = await engine('obeys', { args: ['serve', '--ha'] });
    active.start();
    await active.reaches('ready', 10_000);
    spare.start();
    await spare.reaches('standby', 10_000);
    await active.kill();
    await spare.reaches('ready', 10_000);
    expect(states).toEqual(['starting', 'standby', 'ready']);
    expect(active.state).toEqual({ name: 'stopped' });
  });

  it.each([
    ['nothing', undefined],
    ['a string', 'ready'],
    ['an event it does not know', { event: 'promoted' }],
  ])('ignores %s from the engine', async (_what, message) => {
    const { engine: running, states } = await engine('obeys');
    running.start();
    await running.reaches('ready', 10_000);
    processes.started[0]!.emit('message', message);
    expect(states).toEqual(['starting', 'ready']);
  });
});
