// What the engine is started with. Options given to the app go to the engine; without --config, it runs with the user's
// own configuration, which starts as a copy of the sample.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export interface Places {
  /** The app's own directory, or its archive. */
  readonly app: string;
  /** The user's, for this app. */
  readonly userData: string;
}

/** `args`: the app's, without the program. Others than the engine's (Chromium's switches) are left out. */
export async function engineArguments(args: readonly string[], places: Places): Promise<string[]> {
  const { values } = parseArgs({
    args: [...args],
    options: { config: { type: 'string' }, data: { type: 'string' }, set: { type: 'string', multiple: true } },
    strict: false,
    allowPositionals: true,
  });
  const config = typeof values.config === 'string' ? values.config : await ownConfiguration(places);
  const data = typeof values.data === 'string' ? ['--data', values.data] : [];
  const set = (values.set ?? []).flatMap((value) => (typeof value === 'string' ? ['--set', value] : []));
  return ['serve', '--config', config, ...data, ...set];
}

async function ownConfiguration({ app, userData }: Places): Promise<string> {
  const own = join(userData, 'causeway.yml');
  await mkdir(userData, { recursive: true });
  try {
    await writeFile(own, await readFile(join(app, 'examples/causeway.yml')), { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return own;
}
