// What all connections of this dialect share.

import type { DialectContext } from '../../core/dialect.ts';
import type { Connection } from './connection.ts';
import type { FlushTurn } from './flush-turn.ts';
import type { Sessions } from './sessions.ts';
import type { Statistics, Traffic } from './statistics.ts';
import type { TopicNames } from './topic-names.ts';
import type { Wills } from './will.ts';

export interface MqttOptions {
  /** QoS 1 and 2 messages sent to a client and not yet acknowledged; fewer where the client's Receive Maximum says so. */
  readonly maxInFlight: number;
  /** The same in the other direction: what clients of MQTT 5 are held to. */
  readonly receiveMaximum: number;
  /** Topics that a connection of MQTT 5 can give a short name to, in each direction. */
  readonly topicAliasMaximum: number;
  /** Longest keep alive time: clients of MQTT 5 that ask for more are told to be heard of that often. 0: any. */
  readonly maxKeepAliveSeconds: number;
  /** Longest life of a session without a connection; Infinity: as long as the client says. */
  readonly maxSessionExpirySeconds: number;
  /** Between two publications of `$SYS/…`; 0: none. */
  readonly statisticsMs: number;
  /** What `$SYS/broker/version` says. */
  readonly serverName: string;
}

export interface Hub {
  readonly context: DialectContext;
  readonly options: MqttOptions;
  readonly sessions: Sessions;
  readonly wills: Wills;
  readonly topics: TopicNames;
  readonly flushes: FlushTurn;
  readonly traffic: Traffic;
  readonly statistics: Statistics;
  /** The connection of each client identifier, from its CONNECT until it is gone. */
  readonly owners: Map<string, Connection>;
  /** Unique among all messages of all engines on this store. */
  readonly nextMessageId: () => string;
}
