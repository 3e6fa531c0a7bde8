// Bounds of SQS (Developer Guide, "Amazon SQS message quotas", November 2026).

export const limits = {
  queueNameLength: 80,
  messageBytes: 1_048_576,
  batchEntries: 10,
  batchBytes: 1_048_576,
  batchIdLength: 80,
  messageAttributes: 10,
  attributeNameBytes: 256,
  attributeTypeBytes: 256,
  delaySeconds: 900,
  waitSeconds: 20,
  visibilitySeconds: 43_200,
  receivedMessages: 10,
  inFlight: 120_000,
  listedQueues: 1000,
  tags: 50,
  redriveSources: 10,
} as const;
