// What all connections of this dialect share.

import type { DialectContext } from '../../core/dialect.ts';
import type { Connection } from './connection.ts';
import type { FlushTurn } from './flush-turn.ts';
import type { Sessions } from './sessions.ts';
import type { TopicNames } from './topic-names.ts';

export interface MqttOptions {
  /** QoS 1 and 2 messages sent to a client and not yet acknowledged. */
  readonly maxInFlight: number;
}

export interface Hub {
  readonly context: DialectContext;
  readonly options: MqttOptions;
  readonly sessions: Sessions;
  readonly topics: TopicNames;
  readonly flushes: FlushTurn;
  /** The connection of each client identifier, from its CONNECT until it is gone. */
  readonly owners: Map<string, Connection>;
  /** Unique among all messages of all engines on this store. */
  readonly nextMessageId: () => string;
}
