// One run of the engine, from configuration to exit status: wait for the store, start, serve, and stop in order when
// asked to, or at once when the store is lost to another engine.

import { pino } from 'pino';
import type { Config } from './config.ts';
import { leaveConsoleUrl, removeConsoleUrl } from './console-url.ts';
import { BrokerError } from './core/errors.ts';
import type { ListenAddress } from './protocols/listener.ts';
import { Engine } from './engine.ts';
import type { Log } from './util/log.ts';

export type EngineEvent =
  | { readonly event: 'standby'; readonly role: 'standby'; readonly dataDirectory: string }
  | {
      readonly event: 'ready';
      readonly role: 'active';
      readonly listeners: Readonly<Record<string, ListenAddress>>;
      readonly consoleUrl?: string;
    }
  | { readonly event: 'stopped' };

export interface Surroundings {
  /** @throws BrokerError `invalid`, in words for a person. */
  readonly readConfig: () => Config;
  readonly announce: (event: EngineEvent) => void;
  /** Registers what ends the engine in order. */
  readonly onStop: (stop: () => void) => void;
  /** Registers what reads users, certificates and the configuration again. */
  readonly onReload?: (reload: () => void) => void;
}

/** Another engine has taken over: not an error of configuration, and worth a restart as a standby. */
const lostPrimacy = 75;

/**
 * Runs until it is stopped.
 * @returns the exit status: 0 after an orderly stop, 75 (EX_TEMPFAIL) when another engine took over.
 * @throws BrokerError when it cannot start, in words for a person.
 */
export async function serve({ readConfig, announce, onStop, onReload }: Surroundings): Promise<number> {
  const config = readConfig();
  const log = pino(
    { level: config.log.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  // A fault of ours that nobody caught: it is told, and everyone else's connections go on.
  const onFault = (reason: unknown): void => log.error({ err: reason }, 'unhandled rejection');
  process.on('unhandledRejection', onFault);
  const stopping = new AbortController();
  onStop(() => stopping.abort());
  const engine = new Engine(config, log, readConfig);
  onReload?.(() => {
    engine.reload().catch((error: unknown) => log.error({ err: error }, 'read the configuration again'));
  });
  try {
    const ready = await engine.start({
      signal: stopping.signal,
      onStandby: () => announce({ event: 'standby', role: 'standby', dataDirectory: config.dataDirectory }),
    });
    const { consoleUrl } = ready;
    if (consoleUrl !== undefined) await unlessRefused(leaveConsoleUrl(config.dataDirectory, consoleUrl), log);
    announce({ event: 'ready', role: 'active', ...ready });
  } catch (error) {
    await engine.close();
    if (error instanceof BrokerError && error.code === 'closed' && stopping.signal.aborted) {
      announce({ event: 'stopped' });
      return 0;
    }
    throw error;
  }
  const stopped = new Promise<undefined>((resolve) => {
    if (stopping.signal.aborted) resolve(undefined);
    stopping.signal.addEventListener('abort', () => resolve(undefined));
  });
  const lost = await Promise.race([stopped, engine.lost]);
  if (lost !== undefined) log.error({ err: lost }, 'the store is no longer ours: closing the listeners and ending');
  // The one that took over has left its own.
  if (lost === undefined) await unlessRefused(removeConsoleUrl(config.dataDirectory), log);
  await engine.close();
  announce({ event: 'stopped' });
  return lost === undefined ? 0 : lostPrimacy;
}

/** Commands can be told where the console is: without the file, the engine works as well. */
async function unlessRefused(kept: Promise<void>, log: Log): Promise<void> {
  try {
    await kept;
  } catch (error) {
    log.warn({ err: error }, 'keep where the console is');
  }
}
