// Puts the shadows of routes together from the configuration: which queues they copy, and which places they compare.

import { fromAttributes } from './bridge/mapping/from-attributes.ts';
import type { Source } from './bridge/source.ts';
import { Shadow } from './bridge/shadow.ts';
import type { Comparing } from './bridge/shadow.ts';
import { isCopy, isCopyOf } from './bridge/shadow-source.ts';
import type { Place } from './bridge/shadow-source.ts';
import { branchNamespace } from './bridge/splitter.ts';
import { comparisonRecords } from './bridge/comparison-record.ts';
import type { Location } from './cloud/sqs/model/arn.ts';
import { namespaceOf } from './cloud/sqs/model/arn.ts';
import { readEnd } from './config-ends.ts';
import { isObserved, usualBehind, usualCompare } from './config-shadow.ts';
import type { Leg, RoutePlan } from './config-routes.ts';
import type { Broker } from './core/broker.ts';
import { mq } from './core/namespaces.ts';
import type { Clock } from './util/clock.ts';
import type { Log } from './util/log.ts';

export interface ShadowsContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly log: Log;
  readonly location: Location;
}

/** Of one target; undefined: the route moves. `source`: what copies without consuming, where that is no queue. */
export async function shadowOf(
  plan: RoutePlan,
  leg: Leg,
  { location, log, ...context }: ShadowsContext,
  source: () => Promise<Source>,
): Promise<Shadow | undefined> {
  const { mode, from, behind = usualBehind } = plan;
  if (mode === 'move') return undefined;
  return new Shadow({
    ...context,
    log: log.child({ route: leg.name }),
    mode,
    route: leg.name,
    from: isObserved(from) ? placeOf(from, location) : await source(),
    behind,
    compare: comparing(plan, leg, location),
    choice: leg.choice,
  });
}

/** What is left of shadows that are no more; nobody misses it. */
export async function forgetShadows(broker: Broker, plans: readonly RoutePlan[]): Promise<void> {
  const shadows = plans.filter(({ mode }) => mode !== 'move').flatMap(({ legs }) => legs.map(({ name }) => name));
  for (const queue of Array.from(broker.queues(branchNamespace))) {
    if (isCopy(queue) && !shadows.some((route) => isCopyOf(queue, route))) await broker.delete(queue);
  }
  await comparisonRecords.forgetOthers(broker.store, new Set(shadows));
}

function comparing(
  { mode, compare = usualCompare }: RoutePlan,
  { to }: Leg,
  location: Location,
): Comparing | undefined {
  const right = compare.right ?? (isObserved(to) ? to : undefined);
  if (mode === 'dry-run' || right === undefined) return undefined;
  const { left, by, fields, lateMs, windowMs, most } = compare;
  const sides = { left: left === undefined ? undefined : placeOf(left, location), right: placeOf(right, location) };
  return { ...sides, by, fields, lateMs, windowMs, most };
}

function placeOf(address: string, location: Location): Place {
  const { scheme, name } = readEnd(address);
  if (scheme === 'queue') return { address, namespace: mq, filter: name };
  return { address, namespace: namespaceOf(location), filter: name, read: fromAttributes };
}
