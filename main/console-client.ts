// The little that the shell itself asks of the engine's control API. Messages go past it, from the engine to the page.
import type { MethodName, Overview } from '../broker/control/api.ts';

const answerMs = 5000;

/** @throws when the engine does not answer in time, or answers otherwise. */
export async function dataDirectory(consoleUrl: string): Promise<string> {
  const overview = await call(consoleUrl, 'overview');
  if (!isOverview(overview)) throw new Error('the engine does not say where its data is');
  return overview.dataDirectory;
}

async function call(consoleUrl: string, method: MethodName): Promise<unknown> {
  const url = new URL(consoleUrl);
  const token = url.searchParams.get('token') ?? '';
  const response = await fetch(new URL(`/api/${method}`, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(answerMs),
  });
  if (!response.ok) throw new Error(`${method}: the engine answered ${response.status}`);
  return response.json();
}

function isOverview(value: unknown): value is Pick<Overview, 'dataDirectory'> {
  return (
    typeof value === 'object' && value !== null && 'dataDirectory' in value && typeof value.dataDirectory === 'string'
  );
}
