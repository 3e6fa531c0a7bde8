// The control API's messages: looking into queues, sending, and what waits for its time.

export interface PeekRequest {
  readonly destination: string;
  /** Position after which to look; absent: from the head. */
  readonly after?: number;
  /** 1 to 100. */
  readonly limit?: number;
}

/** A body, or data, as far as a person reads it. */
export interface PeekedBody {
  readonly bodyBytes: number;
  /** Base64 of the first 64 KiB; of scheduled messages, of what a line shows. */
  readonly bodyBase64: string;
  readonly bodyIsText: boolean;
}

/** Delayed messages come after all others, the first due first, and at most a page of them. */
export interface PeekedMessage extends PeekedBody {
  readonly position: number;
  readonly id: string;
  readonly state: 'ready' | 'delayed' | 'in-flight';
  readonly attempts: number;
  readonly timestamp: number;
  readonly expiresAt?: number;
  /** When a delayed message is ready. */
  readonly dueAt?: number;
  readonly durable: boolean;
  readonly priority: number;
  readonly contentType?: string;
  /** Headers of the message itself have type `header`, application properties their own; values are as text. */
  readonly headers: readonly { readonly name: string; readonly type: string; readonly value: string }[];
  readonly dead?: { readonly reason: string; readonly origin: string; readonly at: number };
}

export interface PeekResponse {
  readonly messages: readonly PeekedMessage[];
  /** Where to go on; absent at the end. */
  readonly next?: number;
}

export interface SendRequest {
  /** A destination's id, or the address `queue://NAME` or `topic://NAME` of a broker destination. */
  readonly destination: string;
  readonly body: string;
  readonly encoding: 'text' | 'base64';
  readonly contentType?: string;
  readonly durable?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
  /** Of SNS. */
  readonly subject?: string;
  /** What FIFO queues and topics of AWS ask for. Without the second, the message is like no other. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
}

export interface SubscriptionDetail {
  readonly durable: boolean;
  readonly shared: boolean;
  /** Someone receives from it. */
  readonly active: boolean;
  readonly filters: readonly string[];
  readonly selector?: string;
  readonly noLocal: boolean;
}

/** A message that waits for its time. */
export interface ScheduledRow extends PeekedBody {
  /** What cancelling takes. */
  readonly key: string;
  readonly id: string;
  readonly to: string;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
  readonly cron?: string;
  /** It is sent again: so often after the next time, without end where -1, this long after each. */
  readonly repeat?: number;
  readonly periodMs?: number;
}
