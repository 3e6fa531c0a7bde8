// How commands reach an engine that runs: its control API, at the URL of its console.

import type { Config } from './config.ts';
import { readConsoleUrl } from './console-url.ts';
import type { Methods } from './control/api.ts';
import { BrokerError } from './core/errors.ts';

const timeoutMs = 30_000;

export interface EngineNamed {
  /** The console, with its token, as the engine prints it. */
  readonly url: string | undefined;
  readonly config: () => Config;
}

/** An engine that runs, with the token of its console. */
export interface Reached {
  readonly origin: string;
  readonly token: string;
}

/** The engine that was named, the one that the configuration describes, if that has its token, or that of the data directory. */
export function reach({ url, config }: EngineNamed): Reached {
  const named = url ?? process.env['CAUSEWAY_CONSOLE_URL'];
  if (named !== undefined) return reachAt(named);
  const { console: settings, listeners, dataDirectory } = config();
  const listener = listeners.console === false ? undefined : listeners.console;
  const { token } = settings;
  // Port 0 is any free one: only the engine knows which.
  if (token === undefined || listener === undefined || listener.port === 0) {
    const left = readConsoleUrl(dataDirectory);
    if (left !== undefined) return reachAt(left);
    throw new BrokerError(
      'invalid',
      `no engine runs in "${dataDirectory}": name its directory by --data, or its consoleUrl, as it printed it, by --url ` +
        'or CAUSEWAY_CONSOLE_URL',
    );
  }
  const { host, port } = listener;
  return { origin: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, token };
}

function reachAt(url: string): Reached {
  const parsed = URL.parse(url);
  const token = parsed?.searchParams.get('token');
  if (!parsed || !token) {
    throw new BrokerError('invalid', `"${url}" is not a console's URL with its token, as the engine prints it`);
  }
  return { origin: parsed.origin, token };
}

/** @throws BrokerError with what the engine answers. */
export async function call<M extends keyof Methods>(
  { origin, token }: Reached,
  method: M,
  request: Methods[M]['request'],
): Promise<Methods[M]['response']> {
  let response: Response;
  try {
    response = await fetch(`${origin}/api/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw new BrokerError('not-found', `no engine answers at ${origin}`, { cause: error });
  }
  const answer: unknown = await response.json();
  if (response.ok) {
    // oxlint-disable-next-line typescript/consistent-type-assertions -- engine and command are one release
    return answer as Methods[M]['response'];
  }
  throw new BrokerError('not-allowed', errorOf(answer) ?? `the engine answers with status ${response.status}`);
}

function errorOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  const { error } = answer;
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  return typeof error.message === 'string' ? error.message : undefined;
}
