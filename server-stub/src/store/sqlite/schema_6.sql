-- Photos that events name: what is known of each, and the parts that have arrived.
CREATE TABLE photo (
    address BLOB PRIMARY KEY NOT NULL,
    device BLOB NOT NULL REFERENCES device (id),
    work_order BLOB NOT NULL,
    size INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    begun_at INTEGER,
    received INTEGER NOT NULL DEFAULT 0,
    arrived_at INTEGER,
    overdue INTEGER NOT NULL DEFAULT 0,
    safe INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX photo_waiting ON photo (device) WHERE arrived_at IS NULL;
CREATE INDEX photo_due ON photo (due_at) WHERE arrived_at IS NULL AND overdue = 0;
CREATE INDEX photo_begun ON photo (device, begun_at);

CREATE TABLE photo_part (
    id INTEGER PRIMARY KEY,
    address BLOB NOT NULL REFERENCES photo (address),
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (address, at)
) STRICT;

-- What the last verified backup covers, and when it was made.
ALTER TABLE stream ADD COLUMN safe INTEGER NOT NULL DEFAULT 0;
ALTER TABLE server ADD COLUMN backed_up_at INTEGER;
