CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE stream (
    id           INTEGER PRIMARY KEY,
    subject_kind INTEGER NOT NULL,
    subject_id   BLOB NOT NULL,
    writer       BLOB NOT NULL,
    branch       BLOB NOT NULL,
    own          INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    hash         BLOB NOT NULL,
    -- The server holds events up to here.
    accepted     INTEGER NOT NULL DEFAULT 0,
    -- A verified backup of the server holds them up to here.
    safe         INTEGER NOT NULL DEFAULT 0,
    -- Heads of the subject's other streams as last written into `seen`.
    seen         BLOB NOT NULL DEFAULT x'80',
    -- Why the server holds it back, if it does.
    trouble      TEXT NOT NULL DEFAULT '',
    UNIQUE (subject_kind, subject_id, writer, branch)
) STRICT;
CREATE INDEX stream_unsent ON stream (id) WHERE own = 1 AND accepted < seq;

CREATE TABLE event (
    stream INTEGER NOT NULL REFERENCES stream (id),
    seq    INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE seal (
    stream INTEGER NOT NULL REFERENCES stream (id),
    seq    INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE action (
    id      BLOB NOT NULL PRIMARY KEY,
    outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE subject_key (
    subject_kind INTEGER NOT NULL,
    subject_id   BLOB NOT NULL,
    class        INTEGER NOT NULL,
    key          BLOB NOT NULL,
    -- Made on this phone and not yet with the server.
    unsent       INTEGER NOT NULL,
    PRIMARY KEY (subject_kind, subject_id, class)
) STRICT, WITHOUT ROWID;

CREATE TABLE certificate (
    id    BLOB NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE standing (
    key     TEXT NOT NULL,
    version INTEGER NOT NULL,
    bytes   BLOB NOT NULL,
    PRIMARY KEY (key, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcome (
    id    BLOB NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scope (
    work_order BLOB NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Projections: dropped and rebuilt from events with the same result.
CREATE TABLE order_row (
    id        BLOB NOT NULL PRIMARY KEY,
    listed    INTEGER NOT NULL,
    sort      INTEGER NOT NULL,
    status    TEXT NOT NULL,
    number    TEXT NOT NULL,
    premises  BLOB NOT NULL,
    emergency INTEGER NOT NULL,
    due       INTEGER,
    conflicts INTEGER NOT NULL,
    visit     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX order_listed ON order_row (sort, id) WHERE listed = 1;

CREATE TABLE visit_row (
    id     BLOB NOT NULL PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES stream (id),
    first  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
