// Builds the console's page (out/renderer) if it is missing or older than what it is made of. Run by `npm start` and
// before the tests; nothing of this is in a package.
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const page = join(project, 'out/renderer');
const sources = ['renderer', 'broker/control/api.ts', 'vite.config.ts', 'package-lock.json'];

/** Resolves to the page's directory. */
export async function buildRendererIfStale(): Promise<string> {
  const [built, changed] = await Promise.all([
    modified(join(page, 'index.html')),
    Promise.all(sources.map((source) => newest(join(project, source)))),
  ]);
  if (built <= Math.max(...changed)) await build();
  return page;
}

/** Built beside its place and then moved there: whoever serves the page has the old one or the new one. */
async function build(): Promise<void> {
  const { createBuilder } = await import('vite');
  const fresh = `${page}-${process.pid}`;
  // The page is built as it is shipped: under a test's NODE_ENV it would hold React's development build.
  const { NODE_ENV: nodeEnv } = process.env;
  process.env['NODE_ENV'] = 'production';
  const builder = await createBuilder({
    configFile: join(project, 'vite.config.ts'),
    logLevel: 'warn',
    environments: { client: { build: { outDir: fresh } } },
  });
  const { client } = builder.environments;
  if (client === undefined) throw new Error('vite.config.ts has no client environment');
  try {
    await builder.build(client);
    await putInPlace(fresh);
  } finally {
    if (nodeEnv === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = nodeEnv;
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Two test processes may build at once: who finds the other's page in the place takes it away and tries again. */
async function putInPlace(fresh: string): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    const old = `${fresh}-old`;
    try {
      await rename(page, old).catch(ignoring('ENOENT'));
      await rename(fresh, page);
      return;
    } catch (error) {
      ignoring('ENOTEMPTY', 'EEXIST')(error);
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  }
  throw new Error(`something keeps coming back at ${page}`);
}

/** When something at or below `path` last changed, in milliseconds; a folder's own time tells of what was removed. */
async function newest(path: string): Promise<number> {
  const own = await modified(path);
  const entries = await readdir(path, { recursive: true }).catch((): string[] => []);
  const times = await Promise.all(entries.map((entry) => modified(join(path, entry))));
  return Math.max(own, ...times);
}

/** -1 for what is not there. */
async function modified(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.mtimeMs ?? -1;
}

function ignoring(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Error && 'code' in error && codes.includes(String(error.code)))) throw error;
  };
}

if (import.meta.main) await buildRendererIfStale();
