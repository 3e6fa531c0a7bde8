#!/usr/bin/env node
// The command line: causeway serve. Standard output carries one line of JSON an event, standard error the log.

import { parseArgs } from 'node:util';
import { loadConfig } from './config.ts';
import { BrokerError } from './core/errors.ts';
import { serve } from './serve.ts';
import { systemClock, type Timer } from './util/clock.ts';
import { nearest } from './util/nearest.ts';
import { isRunByNpm, whenParentIsGone } from './util/parent.ts';
import { version } from './version.ts';

const help = `Causeway ${version}: a message broker that bridges AMQP 1.0, MQTT and STOMP into SQS-compatible queues.

Usage: causeway serve [options]

Options of serve:
  --config FILE     configuration in YAML; see examples/causeway.yml
  --data DIR        where messages and state are kept (dataDirectory)
  --set KEY=VALUE   sets one key of the configuration; may be repeated
  --ha              wait as a standby while another engine holds the data directory (ha.enabled=true)

Other options:
  --help            this text
  --version         the version

When the engine is ready it prints one line of JSON with its listeners and the console's URL to standard output.
SIGTERM and SIGINT stop it in order.
`;

const serveOptions = {
  config: { type: 'string' },
  data: { type: 'string' },
  set: { type: 'string', multiple: true },
  ha: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

const commands = ['serve'];

/** Exit status of a command that was used wrongly (sysexits' EX_USAGE). */
const usageError = 64;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: serveOptions,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const known = Object.entries(serveOptions).find(([name]) => name === token.name);
    if (known === undefined) {
      return refuse(`unknown option ${token.rawName}`, token.name, Object.keys(serveOptions), '--');
    }
    const [, { type }] = known;
    if (type === 'string' && token.value === undefined) return refuse(`option ${token.rawName} needs a value`);
    if (type === 'boolean' && token.value !== undefined) return refuse(`option ${token.rawName} takes no value`);
  }
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  if (values.version === true) {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const [command, extra] = positionals;
  if (command === undefined) {
    process.stderr.write(help);
    return usageError;
  }
  if (!commands.includes(command)) return refuse(`unknown command "${command}"`, command, commands);
  if (extra !== undefined) return refuse(`unexpected argument "${extra}"`);
  const config = loadConfig({
    file: text(values.config),
    dataDirectory: text(values.data),
    set: (values.set ?? []).filter((value) => typeof value === 'string'),
    ha: values.ha === true,
  });
  let parentWatch: Timer | undefined;
  try {
    return await serve(config, {
      announce: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
      onStop: (stop) => {
        process.once('SIGTERM', stop);
        process.once('SIGINT', stop);
        if (isRunByNpm()) parentWatch = whenParentIsGone(systemClock, stop);
      },
      // In a terminal, the signal means that the terminal is gone, and ends the engine as it ends other programs.
      onReload: (reload) => {
        if (!process.stdin.isTTY) process.on('SIGHUP', reload);
      },
    });
  } finally {
    parentWatch?.cancel();
  }
}

function refuse(problem: string, word?: string, candidates: readonly string[] = [], prefix = ''): number {
  const likely = word === undefined ? undefined : nearest(word, candidates);
  const hint = likely === undefined ? '' : `, did you mean ${prefix}${likely}?`;
  process.stderr.write(`causeway: ${problem}${hint}\nTry: causeway --help\n`);
  return usageError;
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

try {
  // Not process.exit: what was written to standard output must reach it.
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BrokerError)) throw error;
  process.stderr.write(`causeway: ${error.message}\n`);
  process.exitCode = error.code === 'invalid' ? usageError : 1;
}
