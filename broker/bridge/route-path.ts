// The routes that a message crossed, as it remembers them: names separated by commas, the last one last.

/** Routes that a message remembers. */
const longestPath = 16;

/** Why the message must not cross the route: it did before. */
export function loopOf(path: string | undefined, route: string): string | undefined {
  if (path === undefined) return undefined;
  const names = path.split(',');
  if (!names.includes(route)) return undefined;
  // Marks of shadows (shadow-mark.ts) are no routes.
  return `it came back: ${[...names.filter((name) => !name.startsWith('#')), route].join(' -> ')}`;
}

export function extended(path: string | undefined, route: string): string {
  return path === undefined ? route : [...path.split(',').slice(1 - longestPath), route].join(',');
}
