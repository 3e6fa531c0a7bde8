// Whether routes lead back to where they take from: a message would go round for ever.

import { parseAddress } from '../core/address.ts';
import { matches } from '../core/topics.ts';
import { splitAddress } from './place.ts';

interface Edge {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** The circle, as people read it; undefined: there is none. */
export function findCycle(edges: readonly Edge[]): string | undefined {
  const done = new Set<Edge>();
  const visit = (edge: Edge, path: readonly Edge[]): string | undefined => {
    const at = path.indexOf(edge);
    if (at >= 0) return describe(path.slice(at));
    if (done.has(edge)) return undefined;
    for (const next of edges) {
      if (!feeds(edge.to, next.from)) continue;
      const found = visit(next, [...path, edge]);
      if (found !== undefined) return found;
    }
    done.add(edge);
    return undefined;
  };
  for (const edge of edges) {
    const found = visit(edge, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

function describe(circle: readonly Edge[]): string {
  const steps = circle.map(({ name, from, to }) => `${from} -(${name})-> ${to}`);
  return steps.join(', ');
}

/** What is written to one address is taken from the other. */
export function feeds(to: string, from: string): boolean {
  if (to === from) return true;
  if (!/^(queue|topic):/.test(to) || !/^(queue|topic):/.test(from)) return false;
  const there = splitAddress(to);
  const here = splitAddress(from);
  if (there.remote !== here.remote) return false;
  const target = parseAddress(there.place);
  const source = parseAddress(here.place);
  return target.kind === source.kind && matches(source.name, target.name);
}
