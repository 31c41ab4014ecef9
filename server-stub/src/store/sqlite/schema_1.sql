-- The first schema. Ids and hashes are BLOBs, times are milliseconds, enums are the numbers or
-- names of the format. Nothing here is NULL save what may be unknown.

CREATE TABLE server (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    epoch INTEGER NOT NULL,
    company_key BLOB NOT NULL,
    bootstrap BLOB
) STRICT;

CREATE TABLE person (
    id BLOB PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    badge TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    id BLOB PRIMARY KEY NOT NULL,
    person BLOB NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    token BLOB NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE standing (
    position INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (key, version)
) STRICT;

CREATE TABLE code (
    code BLOB PRIMARY KEY NOT NULL,
    person BLOB NOT NULL REFERENCES person (id),
    expires INTEGER NOT NULL,
    used_device BLOB,
    used_request BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE enrol_failure (
    id INTEGER PRIMARY KEY,
    code BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX enrol_failure_at ON enrol_failure (at);

CREATE TABLE device (
    id BLOB PRIMARY KEY NOT NULL,
    person BLOB REFERENCES person (id),
    certificate BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    seen_at INTEGER,
    requests INTEGER NOT NULL DEFAULT 0,
    recorded INTEGER NOT NULL DEFAULT 0,
    unsent INTEGER NOT NULL DEFAULT 0,
    standing INTEGER NOT NULL DEFAULT 0,
    suspect TEXT,
    revoked_reason TEXT,
    revoked_effective INTEGER,
    feed_end INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE request (
    device BLOB NOT NULL REFERENCES device (id),
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (device, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE boot (
    device BLOB NOT NULL REFERENCES device (id),
    boot BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (device, boot)
) STRICT, WITHOUT ROWID;

CREATE TABLE correction (
    device BLOB NOT NULL,
    boot BLOB NOT NULL,
    subject_kind INTEGER NOT NULL,
    subject_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (device, boot, subject_kind, subject_id)
) STRICT, WITHOUT ROWID;

-- `writer` is the CBOR of the format: [0, certificate] or [1, epoch].
CREATE TABLE stream (
    id INTEGER PRIMARY KEY,
    subject_kind INTEGER NOT NULL,
    subject_id BLOB NOT NULL,
    writer BLOB NOT NULL,
    branch BLOB NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (subject_kind, subject_id, writer, branch)
) STRICT;
CREATE INDEX stream_writer ON stream (writer);

CREATE TABLE event (
    stream INTEGER NOT NULL REFERENCES stream (id),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    action BLOB NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (stream, seq)
) STRICT;
CREATE INDEX event_action ON event (action);

CREATE TABLE seal (
    stream INTEGER NOT NULL REFERENCES stream (id),
    seq INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (stream, seq)
) STRICT;

CREATE TABLE subject_key (
    id INTEGER PRIMARY KEY,
    subject_kind INTEGER NOT NULL,
    subject_id BLOB NOT NULL,
    class INTEGER NOT NULL,
    key BLOB NOT NULL,
    UNIQUE (subject_kind, subject_id, class, key)
) STRICT;

CREATE TABLE held (
    id BLOB PRIMARY KEY NOT NULL,
    device BLOB NOT NULL REFERENCES device (id),
    stream BLOB NOT NULL,
    seq INTEGER NOT NULL,
    events INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    tail BLOB NOT NULL
) STRICT;
CREATE INDEX held_device ON held (device);

-- Derived from an order's streams.
CREATE TABLE work_order (
    id BLOB PRIMARY KEY NOT NULL,
    number TEXT NOT NULL,
    premises BLOB,
    assigned_to BLOB,
    status TEXT NOT NULL,
    active INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    open_conflicts INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX work_order_person ON work_order (assigned_to);
CREATE INDEX work_order_changed ON work_order (changed_at);
CREATE INDEX work_order_number ON work_order (number);

CREATE TABLE scope (
    device BLOB NOT NULL REFERENCES device (id),
    work_order BLOB NOT NULL,
    PRIMARY KEY (device, work_order)
) STRICT, WITHOUT ROWID;
CREATE INDEX scope_order ON scope (work_order);

CREATE TABLE feed (
    device BLOB NOT NULL REFERENCES device (id),
    position INTEGER NOT NULL,
    item BLOB NOT NULL,
    PRIMARY KEY (device, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcome (
    id INTEGER PRIMARY KEY,
    device BLOB NOT NULL REFERENCES device (id),
    work_order BLOB NOT NULL,
    outcome BLOB NOT NULL,
    answer BLOB,
    delivered INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outcome_device ON outcome (device, delivered);
