// causeway doctor: says of a running engine, by its configuration or by addresses, which listeners work, and of those that do
// not what is wrong.

import { readFile, stat, statfs } from 'node:fs/promises';
import { readPassword } from './cli-user.ts';
import type { Config } from './config.ts';
import { bytesOf } from './config-sizes.ts';
import { BrokerError } from './core/errors.ts';
import { examine } from './doctor/examine.ts';
import type { Trust } from './doctor/open-stream.ts';
import { describe, reachable, targetsOfListener, targetsOfUrl } from './doctor/target.ts';
import type { Target } from './doctor/target.ts';
import { within } from './doctor/within.ts';
import { brokerListeners } from './front.ts';
import { databaseFile, isOnNetwork } from './store/database.ts';
import { systemClock } from './util/clock.ts';
import { version } from './version.ts';

export interface DoctorOptions {
  readonly urls: readonly string[];
  readonly user: string | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly print: (line: string) => void;
}

/** For each step of each listener. */
const timeoutMs = 10_000;
const healthTimeoutMs = 2000;
/** Of the disk: less is as good as none. */
const leastFree = 64 * 1024 * 1024;

/** @returns the exit status: 0 when all is well. @throws BrokerError `invalid`: an address or a file that is none. */
export async function runDoctorCommand(config: Config, options: DoctorOptions): Promise<number> {
  const { urls, user, print } = options;
  let isWell = true;
  const tell = (ok: boolean, name: string, sentence: string): void => {
    isWell &&= ok;
    print(`${ok ? 'ok  ' : 'fail'}  ${name}: ${sentence}`);
  };
  const targets = urls.length === 0 ? configuredTargets(config, tell) : urls.flatMap((url) => targetsOfUrl(url));
  const trust = await readTrust(config, options);
  const login = user === undefined ? undefined : { user, password: await readPassword(1) };
  if (urls.length === 0) await describeEngine(config, print, tell);
  else print(`causeway ${version}`);
  for (const target of targets) {
    const { isWell: ok, sentence } = await examine(target, { login, trust, timeoutMs, clock: systemClock });
    tell(ok, urls.length === 0 ? `${target.name}, ${describe(target)}` : describe(target), sentence);
  }
  return isWell ? 0 : 1;
}

type Tell = (ok: boolean, name: string, sentence: string) => void;

function configuredTargets({ listeners, tls }: Config, tell: Tell): readonly Target[] {
  return brokerListeners.flatMap((name) => {
    const settings = listeners[name];
    if (settings === false) return [];
    if (settings.port === 0) {
      tell(false, name, 'its port is any free one: give its address by --url');
      return [];
    }
    return targetsOfListener(name, settings.host, settings.port, tls !== undefined);
  });
}

async function describeEngine(config: Config, print: (line: string) => void, tell: Tell): Promise<void> {
  const { dataDirectory: directory, store } = config;
  const role = await roleOf(config);
  const size = await stat(databaseFile(directory)).then(
    (found) => found.size,
    () => undefined,
  );
  print(`causeway ${version}, data in ${directory}`);
  print(`role: ${role}`);
  if (size === undefined) return tell(false, 'store', `there is none in ${directory}: no engine has run with it`);
  const { bsize, bavail, blocks } = await statfs(directory);
  const journal = store.journal === 'auto' ? (isOnNetwork(directory) ? 'rollback' : 'wal') : store.journal;
  const limit = store.limit === undefined ? undefined : bytesOf(store.limit, () => blocks * bsize);
  const free = bavail * bsize;
  const facts = `journal ${journal}, ${mebibytes(size)} used, ${mebibytes(free)} free on its disk`;
  if (free < leastFree) tell(false, 'store', `the disk is full, and messages are refused; ${facts}`);
  else if (limit !== undefined && size >= limit) tell(false, 'store', `store.limit is reached; ${facts}`);
  else tell(true, 'store', facts);
}

/** As the console's port tells it, which a standby keeps closed. */
async function roleOf({ listeners, ha }: Config): Promise<string> {
  const { console: settings } = listeners;
  if (settings === false || settings.port === 0) return 'unknown, the console has no port of its own';
  const host = reachable(settings.host);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${settings.port}/health`;
  try {
    const asked = fetch(url).then((response) => response.json());
    const health: unknown = await within(systemClock, healthTimeoutMs, asked, () => new Error('no answer'));
    if (typeof health === 'object' && health !== null && 'role' in health) {
      const engine = 'version' in health ? `, version ${String(health.version)}` : '';
      return `${String(health.role)}${engine}`;
    }
  } catch {
    // Said below: whatever failed, there is no engine to be seen.
  }
  return ha.enabled ? 'none to be seen: not running, or a standby' : 'none to be seen: not running';
}

async function readTrust({ tls }: Config, { ca, cert, key }: DoctorOptions): Promise<Trust> {
  if ((cert === undefined) !== (key === undefined)) {
    throw new BrokerError('invalid', '--cert and --key belong together');
  }
  const authorities = [ca, tls?.authority ?? tls?.certificate, tls?.ca].filter((file) => file !== undefined);
  return {
    ca: await Promise.all(authorities.map((file) => readPem(file))),
    certificate: cert === undefined ? undefined : await readPem(cert),
    key: key === undefined ? undefined : await readPem(key),
  };
}

async function readPem(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BrokerError('invalid', `read "${file}": ${reason}`, { cause: error });
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
