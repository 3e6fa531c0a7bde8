// Filters of a source (part 3, section 3.5.8): those that JMS clients use, numeric and symbolic, as Apache registered them.

import type { Destination } from '../../core/address.ts';
import { isTopic } from '../../core/address.ts';
import type { NamedSubscription } from '../../core/named-subscriptions.ts';
import { symbol, type MapEntries, type Value } from './codec/value.ts';
import { refusal } from './conditions.ts';

const filters = {
  noLocal: { code: 0x0000468c_00000003n, symbol: 'apache.org:no-local-filter:list' },
  selector: { code: 0x0000468c_00000004n, symbol: 'apache.org:selector-filter:string' },
} as const;

export interface Filters {
  /** As they go into our attach. */
  readonly entries: MapEntries | undefined;
  readonly noLocal: boolean;
  readonly selector: string | undefined;
}

/**
 * The filters that are in place; the peer sees in our attach which those are (3.5.3), and is to detach if it misses
 * one. On queues no-local is not: JMS leaves open what it means there, and a queue's messages are everybody's; nor on a
 * subscription that is `everybodys`.
 */
export function grantedFilters(
  asked: MapEntries | undefined,
  destinations: readonly Destination[],
  everybodys = destinations.some((one) => !isTopic(one)),
): Filters {
  const granted: [Value, Value][] = [];
  let noLocal = false;
  let selector: string | undefined;
  for (const [name, filter] of asked ?? []) {
    if (isFilter(filter, filters.selector)) selector = selectorText(filter);
    else if (isFilter(filter, filters.noLocal) && !everybodys) noLocal = true;
    else continue;
    granted.push([name, filter]);
  }
  return { entries: granted.length === 0 ? undefined : granted, noLocal, selector };
}

/** The filters of a subscription that was made before, under the names that ActiveMQ gives them then. */
export function filtersOf({ noLocal, selector }: NamedSubscription): MapEntries | undefined {
  const entries: [Value, Value][] = [];
  if (noLocal) entries.push(described(filters.noLocal, { type: 'list', value: [] }));
  if (selector !== undefined) entries.push(described(filters.selector, { type: 'string', value: selector.text }));
  return entries.length === 0 ? undefined : entries;
}

function selectorText(filter: Value): string {
  const text = filter.type === 'described' ? filter.value.value : filter;
  if (text.type !== 'string') throw refusal('amqp:invalid-field', 'the selector is not a string', 'filter');
  return text.value;
}

function isFilter(value: Value, filter: (typeof filters)[keyof typeof filters]): boolean {
  if (value.type !== 'described') return false;
  const { descriptor } = value.value;
  return descriptor.value === filter.code || descriptor.value === filter.symbol;
}

function described({ code, symbol: name }: (typeof filters)[keyof typeof filters], value: Value): [Value, Value] {
  return [symbol(name), { type: 'described', value: { descriptor: { type: 'ulong', value: code }, value } }];
}
