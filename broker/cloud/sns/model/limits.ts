// Bounds of SNS (General Reference, "Amazon SNS endpoints and quotas"; Developer Guide; November 2026), and of what this
// engine keeps for it.

export const limits = {
  topicNameLength: 256,
  messageBytes: 262_144,
  largestMessageBytes: 1_048_576,
  /** Subscriptions of a topic that takes messages beyond 256 KiB. */
  largeMessageSubscriptions: 100,
  batchEntries: 10,
  batchIdLength: 80,
  subjectLength: 100,
  displayNameLength: 100,
  attributeNameBytes: 256,
  /** A raw message with more of them cannot be delivered to SQS. */
  rawAttributes: 10,
  pageSize: 100,
  tags: 50,
  filterPolicyKeys: 5,
  filterPolicyCombinations: 150,
  filterPolicyBytes: 262_144,
  customUserDataBytes: 2048,
  archiveDays: 365,
  deduplicationMs: 300_000,
  /** After that, a confirmation is not accepted any more, and what awaits one is gone. */
  confirmationMs: 48 * 3_600_000,
  /** How long an attempt over HTTP may take. */
  httpTimeoutMs: 15_000,
  /** A delivery policy's retries end within this. */
  retryTotalSeconds: 3600,
  sandboxPhoneNumbers: 10,
  policyBytes: 30_720,
  policyStatements: 100,
  policyPrincipals: 200,
} as const;
