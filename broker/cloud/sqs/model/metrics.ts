// What CloudWatch would show of a queue (Developer Guide, "Available CloudWatch metrics for Amazon SQS"): totals since the
// engine started, and how things are at the moment of asking.

import type { Queue } from '../../../core/queue.ts';

/** Names are CloudWatch's, units are counts, bytes and seconds. */
export interface Measured {
  readonly NumberOfMessagesSent: number;
  readonly NumberOfMessagesReceived: number;
  readonly NumberOfMessagesDeleted: number;
  readonly NumberOfEmptyReceives: number;
  /** Sent again within the deduplication interval, and so not sent. */
  readonly NumberOfDeduplicatedSentMessages: number;
  readonly SentMessageSize: { readonly sum: number; readonly minimum: number; readonly maximum: number };
  readonly ApproximateAgeOfOldestMessage: number;
  readonly ApproximateNumberOfMessagesVisible: number;
  readonly ApproximateNumberOfMessagesNotVisible: number;
  readonly ApproximateNumberOfMessagesDelayed: number;
  readonly ApproximateNumberOfGroupsWithInflightMessages: number;
}

export class Metrics {
  received = 0;
  deleted = 0;
  emptyReceives = 0;
  deduplicated = 0;
  #sent = 0;
  #sentBytes = 0;
  #smallest = Infinity;
  #largest = 0;

  sent(bytes: number): void {
    this.#sent++;
    this.#sentBytes += bytes;
    if (bytes < this.#smallest) this.#smallest = bytes;
    if (bytes > this.#largest) this.#largest = bytes;
  }

  /** `now`: milliseconds since the epoch. */
  measure(core: Queue, now: number): Measured {
    return {
      NumberOfMessagesSent: this.#sent,
      NumberOfMessagesReceived: this.received,
      NumberOfMessagesDeleted: this.deleted,
      NumberOfEmptyReceives: this.emptyReceives,
      NumberOfDeduplicatedSentMessages: this.deduplicated,
      SentMessageSize: {
        sum: this.#sentBytes,
        minimum: this.#sent === 0 ? 0 : this.#smallest,
        maximum: this.#largest,
      },
      ApproximateAgeOfOldestMessage: Math.max(0, Math.floor((now - (core.oldestAt ?? now)) / 1000)),
      ApproximateNumberOfMessagesVisible: core.readyCount,
      ApproximateNumberOfMessagesNotVisible: core.inFlightCount,
      ApproximateNumberOfMessagesDelayed: core.delayedCount,
      ApproximateNumberOfGroupsWithInflightMessages: core.groupsInFlight,
    };
  }
}
