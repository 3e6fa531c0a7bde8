// The engine's row, queues with their entries, messages stored once, records and counters.

export const queues = `
  CREATE TABLE engine (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Raised by every start and takeover; a transaction under an older one is rolled back.
    epoch INTEGER NOT NULL,
    -- Raised by every transaction: a standby that sees it stand still for the lease's time takes over.
    beat INTEGER NOT NULL,
    -- No identifier from here on was ever given out.
    next_id INTEGER NOT NULL,
    -- Who holds the store: JSON of process, host and start.
    holder TEXT
  ) STRICT;
  INSERT INTO engine (id, epoch, beat, next_id) VALUES (1, 0, 0, 1);

  CREATE TABLE queue (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    -- Kept with every change, so that a start does not count.
    entries INTEGER NOT NULL DEFAULT 0,
    delayed INTEGER NOT NULL DEFAULT 0,
    -- Positions up to here were purged: what is left of them is garbage.
    floor INTEGER NOT NULL DEFAULT 0,
    UNIQUE (namespace, name)
  ) STRICT;

  CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    -- Entries that hold it.
    refs INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;

  CREATE TABLE entry (
    queue INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    message INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (queue, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entry_expiry ON entry (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE delayed (
    queue INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    message INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (queue, due_at, seq)
  ) STRICT, WITHOUT ROWID;

  -- What has happened to an entry so far, where anything has.
  CREATE TABLE delivery (
    queue INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    first_at INTEGER,
    until INTEGER,
    token INTEGER,
    reason TEXT,
    origin TEXT,
    died_at INTEGER,
    PRIMARY KEY (queue, seq)
  ) STRICT, WITHOUT ROWID;

  -- Entries up to a position that nobody can see any more, removed a few at a time.
  CREATE TABLE garbage (
    queue INTEGER PRIMARY KEY,
    up_to INTEGER NOT NULL
  ) STRICT;

  -- State of dialects, routes and resources.
  CREATE TABLE record (
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (type, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Where messages go that overflow from memory and need not survive: private to the process, never synced. */
export const spill = `
  CREATE TEMP TABLE message (id INTEGER PRIMARY KEY, refs INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
  CREATE TEMP TABLE entry (queue INTEGER NOT NULL, seq INTEGER NOT NULL, message INTEGER NOT NULL, expires_at INTEGER,
    PRIMARY KEY (queue, seq)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE delayed (queue INTEGER NOT NULL, due_at INTEGER NOT NULL, seq INTEGER NOT NULL,
    message INTEGER NOT NULL, expires_at INTEGER, PRIMARY KEY (queue, due_at, seq)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE delivery (queue INTEGER NOT NULL, seq INTEGER NOT NULL, attempts INTEGER NOT NULL, first_at INTEGER,
    until INTEGER, token INTEGER, reason TEXT, origin TEXT, died_at INTEGER, PRIMARY KEY (queue, seq)) STRICT, WITHOUT ROWID;
`;
