#!/usr/bin/env -S node --max-semi-space-size=16
// The command line: causeway serve, doctor, user, route, quotas, trust. Standard output carries what a program may read, standard error the rest.

import { parseArgs } from 'node:util';
import type { RouteFormat } from './cli-route.ts';
import type { UserAction } from './cli-user.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config.ts';
import { BrokerError } from './core/errors.ts';
import { systemClock, type Timer } from './util/clock.ts';
import { nearest } from './util/nearest.ts';
import { isRunByNpm, whenParentIsGone } from './util/parent.ts';
import { version } from './version.ts';

const help = `Causeway ${version}: a message broker that bridges AMQP 1.0, MQTT and STOMP into SQS-compatible queues.

Usage: causeway serve [options]
       causeway doctor [options]
       causeway user add|passwd|remove NAME [options]
       causeway user list [options]
       causeway route list|pause|resume|drain|replay|ledger|compare|preview|reload [NAME] [options]
       causeway quotas [options]
       causeway trust [options]

Options of all:
  --config FILE     configuration in YAML; see examples/causeway.yml
  --data DIR        where messages and state are kept (dataDirectory)
  --set KEY=VALUE   sets one key of the configuration; may be repeated
  --help            this text
  --version         the version

Options of serve:
  --ha              wait as a standby while another engine holds the data directory (ha.enabled=true)

When the engine is ready it prints one line of JSON with its listeners and the console's URL to standard output.
SIGTERM and SIGINT stop it in order; SIGHUP makes it read users, certificates and routes again.

Options of doctor, which sends a message through each listener of an engine that runs, and takes it back:
  --url URL         tries this address instead, such as mqtts://broker:8883 or wss://broker:61619; may be repeated
  --user NAME       logs in; the password is the first line of standard input, or asked for
  --ca FILE         authority of the certificate, where the configuration does not name it
  --cert FILE --key FILE  a certificate of the client, and its key

Options of user, which changes the file that the configuration names in access.users:
  --file FILE       that file, where there is no configuration
  --group NAME      puts the user into a group; may be repeated
  --certificate DN  lets the user in by a certificate with this subject, as RFC 4514 writes it
  --no-password     lets the user in by certificate alone
  --no-scram        keeps no keys for SCRAM-SHA-256

Passwords are the first line of standard input, or asked for.

Options of route, which directs the routes of an engine that runs:
  --url URL         its consoleUrl, as it printed it; also CAUSEWAY_CONSOLE_URL; otherwise the engine of --data is asked
  --from WHENCE     replay: dead-letter (the default), or for streams a time such as 2026-11-21T12:00:00Z
  --format FORMAT   ledger and compare (of shadows and dry runs): text (the default), json or csv
  --message FILE    preview: a message as JSON; shows what the routes of --config would do with it, without an engine

Options of quotas, which says what went beyond AWS's quotas, or would have been refused (cloud.quotas):
  --url URL         as that of route

Options of trust, which says how to trust the certificates that the engine makes (cloud.tls: true, tls: own):
  --pem             prints the authority's certificate itself
`;

const all = ['serve', 'doctor', 'user', 'route', 'quotas', 'trust'];

/** `of`: the commands that take it. */
const options = {
  config: { type: 'string', of: all },
  data: { type: 'string', of: all },
  set: { type: 'string', multiple: true, of: all },
  help: { type: 'boolean', short: 'h', of: all },
  version: { type: 'boolean', of: all },
  ha: { type: 'boolean', of: ['serve'] },
  url: { type: 'string', multiple: true, of: ['doctor', 'route', 'quotas'] },
  from: { type: 'string', of: ['route'] },
  format: { type: 'string', of: ['route'] },
  message: { type: 'string', of: ['route'] },
  user: { type: 'string', of: ['doctor'] },
  ca: { type: 'string', of: ['doctor'] },
  cert: { type: 'string', of: ['doctor'] },
  key: { type: 'string', of: ['doctor'] },
  pem: { type: 'boolean', of: ['trust'] },
  file: { type: 'string', of: ['user'] },
  group: { type: 'string', multiple: true, of: ['user'] },
  certificate: { type: 'string', of: ['user'] },
  'no-password': { type: 'boolean', of: ['user'] },
  'no-scram': { type: 'boolean', of: ['user'] },
} as const;

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Exit status of a command that was used wrongly (sysexits' EX_USAGE). */
const usageError = 64;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const [command, ...rest] = positionals;
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const known = Object.entries(options).find(([name]) => name === token.name);
    const taken = Object.entries(options).filter(
      ([, { of }]) => command === undefined || of.some((c) => c === command),
    );
    if (known === undefined) {
      return refuse(
        `unknown option ${token.rawName}`,
        token.name,
        taken.map(([name]) => name),
        '--',
      );
    }
    const [, { type }] = known;
    if (type === 'string' && token.value === undefined) return refuse(`option ${token.rawName} needs a value`);
    if (type === 'boolean' && token.value !== undefined) return refuse(`option ${token.rawName} takes no value`);
    if (command !== undefined && all.includes(command) && !taken.some(([name]) => name === token.name)) {
      return refuse(`${command} has no option ${token.rawName}`);
    }
  }
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  if (values.version === true) {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (command === undefined) {
    process.stderr.write(help);
    return usageError;
  }
  if (command === 'user') return runUser(values, rest);
  if (command === 'route') return runRoute(values, rest);
  if (!all.includes(command)) return refuse(`unknown command "${command}"`, command, all);
  if (rest[0] !== undefined) return refuse(`unexpected argument "${rest[0]}"`);
  if (command === 'quotas') return runQuotas(values);
  if (command === 'trust') return runTrust(values);
  return command === 'doctor' ? runDoctor(values) : runServe(values);
}

async function runServe(values: Values): Promise<number> {
  const { serve } = await import('./serve.ts');
  let parentWatch: Timer | undefined;
  try {
    return await serve({
      readConfig: () => configOf(values),
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

async function runUser(values: Values, [action, name, extra]: readonly string[]): Promise<number> {
  const { runUserCommand, userActions } = await import('./cli-user.ts');
  const known = userActions.find((candidate): candidate is UserAction => candidate === action);
  if (action === undefined) return refuse(`user needs one of ${userActions.join(', ')}`);
  if (known === undefined) return refuse(`unknown command "user ${action}"`, action, userActions);
  if (name === undefined && known !== 'list') return refuse(`user ${known} needs the name of a user`);
  const unexpected = known === 'list' ? name : extra;
  if (unexpected !== undefined) return refuse(`unexpected argument "${unexpected}"`);
  const file = text(values['file']) ?? configOf(values).access.users;
  if (file === undefined) return refuse('no file of users: name it in access.users of the configuration, or by --file');
  const output = await runUserCommand({
    file,
    action: known,
    name: name ?? '',
    groups: values['group'] === undefined ? undefined : texts(values['group']),
    certificate: text(values['certificate']),
    withPassword: values['no-password'] !== true,
    withScram: values['no-scram'] !== true,
  });
  process.stdout.write(output);
  return 0;
}

async function runRoute(values: Values, [action, ...names]: readonly string[]): Promise<number> {
  const { routeActions, routeFormats, runRouteCommand } = await import('./cli-route.ts');
  const known = routeActions.find((candidate) => candidate === action);
  if (action === undefined) return refuse(`route needs one of ${routeActions.join(', ')}`);
  if (known === undefined) return refuse(`unknown command "route ${action}"`, action, routeActions);
  // The configuration of a preview may stand by itself: causeway route preview FILE.
  const isFile = known === 'preview' && /\.ya?ml$/.test(names[0] ?? '');
  const [name, extra] = isFile ? names.slice(1) : names;
  const isOfAll = known === 'list' || known === 'reload';
  if (name === undefined && !isOfAll && known !== 'preview') return refuse(`route ${known} needs a name`);
  const unexpected = isOfAll ? name : extra;
  if (unexpected !== undefined) return refuse(`unexpected argument "${unexpected}"`);
  const formats: readonly RouteFormat[] = known === 'ledger' || known === 'compare' ? routeFormats[known] : [];
  const wanted = text(values['format']);
  const format = formats.find((candidate) => candidate === wanted);
  if (wanted !== undefined && format === undefined) {
    const choice = formats.length === 0 ? `route ${known} has none` : `expected ${formats.join(', ')}`;
    return refuse(`format "${wanted}": ${choice}`);
  }
  const output = await runRouteCommand({
    action: known,
    name,
    from: text(values['from']),
    message: text(values['message']),
    format,
    url: texts(values['url'])[0],
    config: () => configOf(isFile ? { ...values, config: names[0] } : values),
  });
  process.stdout.write(output);
  return 0;
}

async function runQuotas(values: Values): Promise<number> {
  const { runQuotasCommand } = await import('./cli-quotas.ts');
  process.stdout.write(await runQuotasCommand({ url: texts(values['url'])[0], config: () => configOf(values) }));
  return 0;
}

async function runTrust(values: Values): Promise<number> {
  const { runTrustCommand } = await import('./cli-trust.ts');
  const { output, note } = await runTrustCommand(configOf(values), values['pem'] === true);
  process.stdout.write(output);
  if (note !== undefined) process.stderr.write(`causeway: ${note}\n`);
  return 0;
}

async function runDoctor(values: Values): Promise<number> {
  const { runDoctorCommand } = await import('./cli-doctor.ts');
  return runDoctorCommand(configOf(values), {
    urls: texts(values['url']),
    user: text(values['user']),
    ca: text(values['ca']),
    cert: text(values['cert']),
    key: text(values['key']),
    print: (line) => void process.stdout.write(`${line}\n`),
  });
}

function configOf(values: Values): Config {
  return loadConfig({
    file: text(values['config']),
    dataDirectory: text(values['data']),
    set: texts(values['set']),
    ha: values['ha'] === true,
  });
}

function refuse(problem: string, word?: string, candidates: readonly string[] = [], prefix = ''): number {
  const likely = word === undefined ? undefined : nearest(word, candidates);
  const hint = likely === undefined ? '' : `, did you mean ${prefix}${likely}?`;
  process.stderr.write(`causeway: ${problem}${hint}\nTry: causeway --help\n`);
  return usageError;
}

function text(value: Values[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: Values[string]): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

try {
  // Not process.exit: what was written to standard output must reach it.
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BrokerError)) throw error;
  process.stderr.write(`causeway: ${error.message}\n`);
  process.exitCode = error.code === 'invalid' ? usageError : 1;
}
