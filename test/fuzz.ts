// npm run fuzz: every fuzz test at length. --scale N (100): so many times the cases of npm test, a million for each
// protocol's parser. --seed N (any).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

process.stdout.write(`fuzz tests: --scale ${values.scale} --seed ${values.seed}\n`);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const child = spawn(process.execPath, [vitest, 'run', 'fuzz'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_SCALE: values.scale, FUZZ_SEED: values.seed },
});
const [code] = await once(child, 'exit');
process.exitCode = typeof code === 'number' ? code : 1;
