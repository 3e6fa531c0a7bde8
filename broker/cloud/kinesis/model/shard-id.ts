// Names of shards: `shardId-000000000007`. What stands before the hyphen does not matter to AWS, nor do leading zeros.

const highest = 2 ** 31 - 1;

export function shardIdOf(number: number): string {
  const sign = number < 0 ? '-' : '';
  return `shardId-${sign}${String(Math.abs(number)).padStart(12 - sign.length, '0')}`;
}

/** Undefined: it is no name of a shard. */
export function parseShardId(text: string): number | undefined {
  const digits = text.split('-')[1] ?? '';
  const given = digits === '' ? text : digits;
  const number = /^\d+$/.test(given) ? Number(given) : NaN;
  return number <= highest ? number : undefined;
}
