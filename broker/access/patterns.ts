// Patterns of destinations against each other: names with `.` between their levels, `*` for one level, and `>` at the end for
// any number of them, none included (ActiveMQ's `A.>` is also `A`).

/** Every name that `filter` stands for is one that `pattern` stands for. */
export function covers(pattern: string, filter: string): boolean {
  const [wide, narrow] = [pattern.split('.'), filter.split('.')];
  for (let i = 0; ; i++) {
    const [one, other] = [wide[i], narrow[i]];
    if (one === '>') return true;
    if (one === undefined) return other === undefined;
    if (other === undefined || other === '>') return false;
    if (one !== '*' && one !== other) return false;
  }
}

/**
 * There is a name that both stand for. A `filter` that begins with a wildcard stands for no name that begins with `$`, as in
 * subscriptions [MQTT-4.7.2-1].
 */
export function overlap(pattern: string, filter: string): boolean {
  const [left, right] = [pattern.split('.'), filter.split('.')];
  if (pattern.startsWith('$') && (right[0] === '*' || right[0] === '>')) return false;
  for (let i = 0; ; i++) {
    const [one, other] = [left[i], right[i]];
    if (one === '>' || other === '>') return true;
    if (one === undefined || other === undefined) return one === other;
    if (one !== '*' && other !== '*' && one !== other) return false;
  }
}
