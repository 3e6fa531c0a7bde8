// The routes that a message crossed, as it remembers them: steps separated by commas, the last one last. A step is the name of
// a route and, behind an @, an identifier that no other route has, of whatever engine (route-steps.ts).

/** Routes that a message remembers. */
const longestPath = 16;

/**
 * Why the message must not cross the route: it did before. Names alone say nothing: engines that knew no identifiers wrote
 * those, and another engine may have a route of the same name.
 */
export function loopOf(path: string | undefined, step: string): string | undefined {
  if (path === undefined) return undefined;
  const steps = path.split(',');
  if (!steps.includes(step)) return undefined;
  // Marks of shadows (shadow-mark.ts) are no routes.
  const names = [...steps.filter((one) => !one.startsWith('#')), step].map((one) => one.split('@')[0]);
  return `it came back: ${names.join(' -> ')}`;
}

export function extended(path: string | undefined, step: string): string {
  return path === undefined ? step : [...path.split(',').slice(1 - longestPath), step].join(',');
}
