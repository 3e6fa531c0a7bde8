// What a person should look at: found in what the page holds, worst first.

import type { LiveModel } from '../../client/live-model.ts';
import { count, plural } from '../../format.ts';
import { hrefOf } from '../../router.ts';

export interface Concern {
  readonly tone: 'bad' | 'caution';
  readonly text: string;
  readonly href: string;
}

export function concernsOf({ destinations, routes, overview }: LiveModel): readonly Concern[] {
  const concerns: Concern[] = [];
  for (const { row } of routes.settled) {
    if (row.state === 'failed') {
      concerns.push({ tone: 'bad', text: `Route ${row.name} has failed`, href: hrefOf('routes') });
    }
  }
  let dead = 0;
  let deadIn = 0;
  let unattended = 0;
  let waiting = 0;
  for (const { row } of destinations.settled) {
    if (row.dead > 0) {
      dead += row.dead;
      deadIn += 1;
    }
    // Nobody consumes an SQS queue by a connection: that none is there says nothing.
    if (row.world === 'mq' && row.ready > 0 && row.consumers === 0) {
      unattended += 1;
      waiting += row.ready;
    }
  }
  if (dead > 0) {
    const text = `${plural(dead, 'message')} dead-lettered from ${plural(deadIn, 'destination')}`;
    concerns.push({ tone: 'bad', text, href: hrefOf('destinations', undefined, { q: 'dead>0', sort: '-dead' }) });
  }
  const memory = overview?.memory;
  if (memory !== undefined && memory.messageLimitBytes > 0 && memory.messageBytes > 0.9 * memory.messageLimitBytes) {
    const share = Math.round((100 * memory.messageBytes) / memory.messageLimitBytes);
    const text = `Messages fill ${share} % of their memory; producers are held back at 100 %`;
    concerns.push({ tone: 'caution', text, href: hrefOf('destinations', undefined, { sort: '-ready' }) });
  }
  if (unattended > 0) {
    const text = `${count(waiting)} waiting in ${plural(unattended, 'broker queue')} without consumers`;
    const parameters = { q: 'consumers=0 ready>0', world: 'mq', sort: '-ready' };
    concerns.push({ tone: 'caution', text, href: hrefOf('destinations', undefined, parameters) });
  }
  return concerns;
}
