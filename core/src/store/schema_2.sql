-- Photos taken here, sealed, in parts; and what was let go of once a backup covered it.
CREATE TABLE photo (
    id           INTEGER PRIMARY KEY,
    address      BLOB NOT NULL UNIQUE,
    subject_kind INTEGER NOT NULL,
    subject_id   BLOB NOT NULL,
    visit        BLOB NOT NULL,
    -- The action that took it: its bytes are bound to it.
    action       BLOB NOT NULL,
    key          BLOB NOT NULL,
    size         INTEGER NOT NULL,
    -- Sealed like the photo; stays when the photo goes.
    thumbnail    BLOB NOT NULL,
    -- The server keeps the first so many bytes.
    sent         INTEGER NOT NULL DEFAULT 0,
    -- It keeps all of it.
    arrived      INTEGER NOT NULL DEFAULT 0,
    -- A verified backup of the server holds it.
    safe         INTEGER NOT NULL DEFAULT 0,
    -- The backup after which the server was last asked whether it is.
    asked        INTEGER NOT NULL DEFAULT 0,
    -- Its bytes were let go of.
    purged       INTEGER NOT NULL DEFAULT 0,
    -- Why the server doesn't take it, if it doesn't.
    trouble      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX photo_waiting ON photo (id) WHERE arrived = 0;
CREATE INDEX photo_subject ON photo (subject_kind, subject_id);

CREATE TABLE photo_part (
    photo INTEGER NOT NULL REFERENCES photo (id),
    at    INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (photo, at)
) STRICT;

-- When the backup was made after which the server was last asked whether the stream is safe.
ALTER TABLE stream ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
-- Bytes of its events were let go of up to here; their numbers and hashes stay.
ALTER TABLE stream ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;
