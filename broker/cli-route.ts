// causeway route: looks at the routes of an engine that runs, and directs them, through its control API; and previews what a
// route of a configuration would do with a message, for which nothing has to run.

import { readFileSync } from 'node:fs';
import { preview } from './bridge/preview.ts';
import { comparisonText } from './cli-route-compare.ts';
import { ledgerText } from './cli-route-ledger.ts';
import { table } from './cli-table.ts';
import { call, reach } from './cli-engine.ts';
import type { EngineNamed, Reached } from './cli-engine.ts';
import type { Preview, Reloaded, RouteRow } from './control/api-routes.ts';
import { parsePreviewMessage } from './control/requests.ts';
import { BrokerError } from './core/errors.ts';
import { previewable } from './routes.ts';
import { systemClock } from './util/clock.ts';

export const routeActions = [
  'list',
  'pause',
  'resume',
  'drain',
  'replay',
  'ledger',
  'compare',
  'preview',
  'reload',
] as const;
export type RouteAction = (typeof routeActions)[number];

/** What each command that has a choice prints, the usual one first. */
export const routeFormats = { ledger: ['text', 'json', 'csv'], compare: ['text', 'json', 'csv'] } as const;
export type RouteFormat = (typeof routeFormats)[keyof typeof routeFormats][number];

export interface RouteCommand extends EngineNamed {
  readonly action: RouteAction;
  /** Not for `list` and `reload`; of `preview`, where there is only one, neither. */
  readonly name: string | undefined;
  /** Of `replay`: `dead-letter`, or a time. */
  readonly from: string | undefined;
  /** Of `preview`: the file of a message. */
  readonly message: string | undefined;
  /** Of `ledger` and `compare`; undefined: the usual one of each. */
  readonly format: RouteFormat | undefined;
}

/** @returns what to print. @throws BrokerError in words for a person. */
export async function runRouteCommand(command: RouteCommand): Promise<string> {
  const { action, name = '' } = command;
  if (action === 'preview') return runPreview(command);
  const engine = reach(command);
  switch (action) {
    case 'list':
      return list(await readRoutes(engine));
    case 'reload':
      return reloaded(await call(engine, 'reload', {}));
    case 'pause':
      return list([await call(engine, 'pauseRoute', { name })]);
    case 'resume':
      return list([await call(engine, 'resumeRoute', { name })]);
    case 'drain':
      return list([await call(engine, 'drainRoute', { name })]);
    case 'replay': {
      const { from = 'dead-letter' } = command;
      const { replayed } = await call(engine, 'replayRoute', { name, from });
      return replayed === undefined ? `reads again from ${from}\n` : `tries ${replayed} dead letters again\n`;
    }
    case 'ledger': {
      const format = command.format === 'csv' ? 'csv' : 'json';
      const found = await call(engine, 'routeLedger', { name, format });
      if ('csv' in found) return found.csv;
      return command.format === 'json' ? `${JSON.stringify(found.rows, null, 2)}\n` : ledgerText(found.rows);
    }
    case 'compare': {
      const format = command.format === 'csv' ? 'csv' : 'json';
      const found = await call(engine, 'compareRoute', { name, format });
      if ('csv' in found) return found.csv;
      return command.format === 'json' ? `${JSON.stringify(found, null, 2)}\n` : comparisonText(found);
    }
  }
}

async function readRoutes(engine: Reached): Promise<readonly RouteRow[]> {
  return (await call(engine, 'listRoutes', {})).routes;
}

function reloaded({ started, ended, kept, waiting }: Reloaded): string {
  const lines = [
    ['started', started],
    ['ended', ended],
    ['kept', kept],
    ['waiting for a restart', waiting],
  ] as const;
  return lines.map(([what, names]) => `${what}\t${names.length === 0 ? '-' : names.join(', ')}\n`).join('');
}

/** It takes, it copies, or it only says what would cross. */
const arrows = { move: '->', shadow: '~>', 'dry-run': '-?' } as const;

function list(rows: readonly RouteRow[]): string {
  return table([
    ['NAME', 'WAY', 'TRANSFERRED', 'DEAD', 'STATE'],
    ...rows.map(({ name, from, to, state, error, transferred, deadLettered, mode }) => [
      name,
      `${from} ${arrows[mode ?? 'move']} ${to}`,
      String(transferred),
      String(deadLettered),
      error === undefined ? state : `${state}: ${error}`,
    ]),
  ]);
}

function runPreview({ name, message: file, config }: RouteCommand): string {
  if (file === undefined) throw new BrokerError('invalid', 'route preview needs --message FILE');
  const routes = previewable(config());
  const chosen = name === undefined ? routes : routes.filter((route) => route.name === name);
  if (chosen.length === 0) throw new BrokerError('not-found', `no route "${name ?? ''}" in the configuration`);
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BrokerError('invalid', `read message "${file}": ${reason}`, { cause: error });
  }
  const message = parsePreviewMessage(given);
  return chosen.map((route) => show(preview(route, message, systemClock.now()))).join('\n');
}

function show({ route, to, refusal, key, fields, after }: Preview): string {
  const head = refusal === undefined ? `${route}: crosses to ${to}` : `${route}: does not cross to ${to}: ${refusal}`;
  const lines = fields.map(({ field, outcome, reason, before }) =>
    `  ${field}\t${outcome}${reason === '' ? '' : ` (${reason})`}\t${before}`.trimEnd(),
  );
  const keyLine = key === undefined ? [] : [`  key\t${key}`];
  const attributes = (after?.attributes ?? []).map(({ name, type, value }) => `  ${name}\t${type}\t${value}`);
  const arrives = after === undefined ? [] : ['after', `  body\t${after.body}`, ...attributes];
  return `${[head, ...keyLine, 'before', ...lines, ...arrives].join('\n')}\n`;
}
