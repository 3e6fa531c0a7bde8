// Every change of the schema, in order. The database's user_version is how many were applied.

import { queues } from './0001-queues.ts';
import { streams } from './0002-streams.ts';
import { streamSegments } from './0003-stream-segments.ts';

export const migrations: readonly string[] = [queues, streams, streamSegments];
