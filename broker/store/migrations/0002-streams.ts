// Streams: shards of immutable records, kept in segments that are appended to and dropped whole, so that retention
// costs in proportion to what it trims. See core/stream.ts.

export const streams = `
  CREATE TABLE stream (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    UNIQUE (namespace, name)
  ) STRICT;

  CREATE TABLE shard (
    stream INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    -- The hash keys it takes, 128-bit numbers as 32 hexadecimal digits.
    first_hash TEXT NOT NULL,
    last_hash TEXT NOT NULL,
    parent INTEGER,
    adjacent_parent INTEGER,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    next_position INTEGER NOT NULL,
    PRIMARY KEY (stream, shard)
  ) STRICT, WITHOUT ROWID;

  -- A run of records appended by one commit.
  CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    first_position INTEGER NOT NULL,
    records INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX segment_position ON segment (stream, shard, first_position);
  CREATE INDEX segment_age ON segment (stream, shard, last_at);

  CREATE TABLE checkpoint (
    consumer TEXT NOT NULL,
    stream INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (consumer, stream, shard)
  ) STRICT, WITHOUT ROWID;
`;
