// Whether what the engine answers has the form that this page was built for. Checks the outline: page and engine are
// one release, so a difference means that the page is from another one, which it then says instead of breaking.

import type { ApiError, LiveBatch, MethodName, Methods } from '../../broker/control/api.ts';

type Guard<Shape> = (value: unknown) => value is Shape;

const batchLists = [
  'destinations',
  'removedDestinations',
  'clients',
  'removedClients',
  'routes',
  'removedRoutes',
] as const;

export function isLiveBatch(value: unknown): value is LiveBatch {
  return (
    isRecord(value) &&
    typeof value['at'] === 'number' &&
    isOverview(value['overview']) &&
    batchLists.every((list) => Array.isArray(value[list]))
  );
}

export function isApiError(value: unknown): value is ApiError {
  return isRecord(value) && isRecord(value['error']) && typeof value['error']['message'] === 'string';
}

export const responses: { readonly [M in MethodName]: Guard<Methods[M]['response']> } = {
  overview: isOverview,
  history: (value): value is Methods['history']['response'] => hasList(value, 'samples'),
  peek: (value): value is Methods['peek']['response'] => hasList(value, 'messages'),
  send: (value): value is Methods['send']['response'] => isRecord(value) && typeof value['id'] === 'string',
  purge: (value): value is Methods['purge']['response'] => isRecord(value) && typeof value['removed'] === 'number',
  describeTopic: (value): value is Methods['describeTopic']['response'] => hasList(value, 'subscriptions'),
  describeStream: (value): value is Methods['describeStream']['response'] => hasList(value, 'shards'),
  describeSubscription: (value): value is Methods['describeSubscription']['response'] => hasList(value, 'filters'),
  unsubscribe: (value): value is Methods['unsubscribe']['response'] => isRecord(value),
  peekShard: (value): value is Methods['peekShard']['response'] => hasList(value, 'records'),
  putRecord: (value): value is Methods['putRecord']['response'] =>
    isRecord(value) && typeof value['sequenceNumber'] === 'string',
  scheduled: (value): value is Methods['scheduled']['response'] => hasList(value, 'messages'),
  cancelScheduled: (value): value is Methods['cancelScheduled']['response'] => isRecord(value),
  pauseRoute: isRoute,
  resumeRoute: isRoute,
  listRoutes: (value): value is Methods['listRoutes']['response'] => hasList(value, 'routes'),
  drainRoute: isRoute,
  replayRoute: (value): value is Methods['replayRoute']['response'] => isRecord(value),
  routeLedger: (value): value is Methods['routeLedger']['response'] =>
    hasList(value, 'rows') || (isRecord(value) && typeof value['csv'] === 'string'),
  compareRoute: (value): value is Methods['compareRoute']['response'] =>
    isNamed(value) || (isRecord(value) && typeof value['csv'] === 'string'),
  previewRoute: (value): value is Methods['previewRoute']['response'] => hasList(value, 'fields'),
  cloudQuotas: (value): value is Methods['cloudQuotas']['response'] => hasList(value, 'excesses'),
  cloudMetrics: (value): value is Methods['cloudMetrics']['response'] => hasList(value, 'rows'),
  mailbox: (value): value is Methods['mailbox']['response'] => hasList(value, 'mails'),
  clearMailbox: (value): value is Methods['clearMailbox']['response'] =>
    isRecord(value) && typeof value['removed'] === 'number',
  reload: (value): value is Methods['reload']['response'] => hasList(value, 'waiting'),
  disconnectClient: (value): value is Methods['disconnectClient']['response'] => isRecord(value),
};

function isOverview(value: unknown): value is Methods['overview']['response'] {
  return isRecord(value) && ['listeners', 'memory', 'store', 'totals'].every((part) => isRecord(value[part]));
}

function isRoute(value: unknown): value is Methods['pauseRoute']['response'] {
  return isNamed(value);
}

function isNamed(value: unknown): boolean {
  return isRecord(value) && typeof value['name'] === 'string';
}

function hasList(value: unknown, name: string): boolean {
  return isRecord(value) && Array.isArray(value[name]);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
