// What a load process is told, and answers, over Node's channel between parent and child.

/** What a load process is: one end of one protocol, over so many connections. */
export interface LoadOptions {
  readonly role:
    | 'mqtt-publisher'
    | 'mqtt-subscriber'
    | 'mqtt-relay'
    | 'stomp-sender'
    | 'stomp-receiver'
    | 'amqp-sender'
    | 'amqp-receiver'
    | 'sqs-sender'
    | 'sqs-batch-sender'
    | 'sqs-fifo-sender'
    | 'sqs-worker'
    | 'sns-publisher'
    | 'kinesis-putter'
    | 'kinesis-reader'
    | 'paced-putter'
    | 'fan-out-subscriber'
    | 'paced-publisher'
    | 'paced-stomp-sender'
    | 'paced-amqp-sender'
    | 'latency-worker';
  readonly port: number;
  readonly connections: number;
  /** Destinations; connection i uses the one at i modulo their number, one of fewer connections several, by turns. */
  readonly destinations: readonly string[];
  /** Messages that a connection has under way; where a request holds several, those of one. */
  readonly window: number;
  readonly bodyBytes: number;
}

export type Order =
  /** Sends for so long, then waits for what is under way. */
  | { readonly do: 'send'; readonly ms: number; readonly perSecond?: number }
  /** Waits until so many messages were received, from the beginning. */
  | { readonly do: 'reach'; readonly count: number };

export interface Progress {
  /** Messages acknowledged, or received, from the beginning. */
  readonly count: number;
  /** When the last of them was; see measure/clock.ts. */
  readonly at: number;
  /**
   * In milliseconds. Of who receives on a timetable: from the time each message was meant to be sent at. Of SQS workers: of
   * each receive that gave something.
   */
  readonly latencies?: readonly number[];
}

export type Answer = { readonly ready: true } | { readonly failed: string } | Progress;

/** The destinations of a connection. */
export function shareOf(destinations: readonly string[], connection: number, connections: number): readonly string[] {
  const share = destinations.filter((_, index) => index % connections === connection);
  return share.length > 0 ? share : [destinations[connection % destinations.length]!];
}

/** One end, as a load process runs it. */
export interface Load {
  obey(order: Order): Promise<Progress>;
}
