// Limits of Kinesis Data Streams. Source: the service model 2013-12-02, and the developer guide, "Quotas and limits",
// November 2026.

export const limits = {
  mebibyte: 1024 * 1024,
  /** Of one PutRecords, keys and data. */
  putBytes: 10 * 1024 * 1024,
  putRecords: 500,
  defaultRecordKiB: 1024,
  /** Of one GetRecords. */
  readRecords: 10_000,
  readBytes: 10 * 1024 * 1024,
  /** Of one event of a subscription. */
  eventBytes: 1024 * 1024,
  iteratorMs: 300_000,
  nextTokenMs: 300_000,
  subscriptionMs: 300_000,
  /** Between two subscriptions of a consumer to a shard. */
  resubscribeMs: 5000,
  /** An event comes at least this often. */
  heartbeatMs: 5000,
  minRetentionHours: 24,
  maxRetentionHours: 8760,
  tags: 50,
  tagsOfRequest: 200,
  consumers: 20,
  /** With the minimum throughput billing commitment. */
  consumersOnCommitment: 50,
  consumersBeingMade: 5,
  onDemandStreams: 50,
  onDemandShards: 4,
  /** What a stream on demand is warm for at most: 10 GiB a second. */
  warmMiBps: 10_240,
  /** What a stream on demand grows to, in MiB a second: less elsewhere than in the large regions. */
  onDemandMiBps: 200,
  shardsOfStream: 10_000,
  scalingsOfDay: 10,
  modeChangesOfDay: 2,
  keyChangesOfDay: 25,
  streamsBeingMade: 5,
  dayMs: 86_400_000,
  /** Shards of an account: more in the regions that were there first. */
  shards: 1000,
  shardsOfLargeRegions: 20_000,
  largeRegions: ['us-east-1', 'us-west-2', 'eu-west-1'],
  listedStreams: 100,
  listedShards: 1000,
  listedTags: 50,
  listedConsumers: 100,
  describedShards: 100,
} as const;

export function shardLimit(region: string): number {
  return isLarge(region) ? limits.shardsOfLargeRegions : limits.shards;
}

/** Shards that a stream on demand grows to. */
export function onDemandLimit(region: string): number {
  return isLarge(region) ? limits.warmMiBps : limits.onDemandMiBps;
}

function isLarge(region: string): boolean {
  const large: readonly string[] = limits.largeRegions;
  return large.includes(region);
}
