// Streams again, before anything was ever kept in them: a segment's row number is its shard and its first position, so
// that an append touches one tree, at the end of its shard, and no index; dropped segments go a few at a time.

export const streamSegments = `
  DROP TABLE stream;
  DROP TABLE shard;
  DROP TABLE segment;
  DROP TABLE checkpoint;

  CREATE TABLE stream (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    retention_ms INTEGER NOT NULL,
    -- The number that its next shard gets.
    next_shard INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    UNIQUE (namespace, name)
  ) STRICT;

  CREATE TABLE shard (
    -- Of all streams: the upper bits of its segments' row numbers.
    id INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    number INTEGER NOT NULL,
    -- The hash keys it takes, 128-bit numbers as 32 hexadecimal digits.
    first_hash TEXT NOT NULL,
    last_hash TEXT NOT NULL,
    parent INTEGER,
    adjacent_parent INTEGER,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    -- Records before it were dropped: what is left of them is garbage.
    first_position INTEGER NOT NULL DEFAULT 0,
    UNIQUE (stream, number)
  ) STRICT;

  -- Records of a shard that one commit appended.
  CREATE TABLE segment (
    -- The shard, and the position of the first record in the lower 40 bits.
    id INTEGER PRIMARY KEY,
    records INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;

  -- Segments of a shard before a position that nobody can see any more, removed a few at a time.
  CREATE TABLE segment_garbage (
    shard INTEGER PRIMARY KEY,
    before INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE checkpoint (
    consumer TEXT NOT NULL,
    shard INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (consumer, shard)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX checkpoint_shard ON checkpoint (shard);
`;
