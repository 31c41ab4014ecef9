-- The first schema; it holds what SQLite's holds. No sequence is shared by all: rows that need an
-- order are counted below their device or subject, and a stream's key is drawn. What people typed is
-- BYTEA in UTF-8, because TEXT refuses a character that JSON and CBOR allow (U+0000) and depends on
-- the database's encoding; TEXT holds codes of our own.

CREATE TABLE server (
    "only" BIGINT PRIMARY KEY DEFAULT 1 CHECK ("only" = 1),
    epoch BIGINT NOT NULL,
    company_key BYTEA NOT NULL,
    bootstrap BYTEA
);

CREATE TABLE person (
    id BYTEA PRIMARY KEY,
    name BYTEA NOT NULL,
    badge BYTEA NOT NULL
);

CREATE TABLE account (
    id BYTEA PRIMARY KEY,
    person BYTEA NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    token BYTEA NOT NULL UNIQUE
);

CREATE TABLE standing (
    position BIGINT PRIMARY KEY,
    key BYTEA NOT NULL,
    version BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    UNIQUE (key, version)
);

CREATE TABLE code (
    code BYTEA PRIMARY KEY,
    person BYTEA NOT NULL REFERENCES person (id),
    expires BIGINT NOT NULL,
    used_device BYTEA,
    used_request BYTEA
);

CREATE TABLE enrol_failure (
    code BYTEA NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX enrol_failure_at ON enrol_failure (at);

CREATE TABLE device (
    id BYTEA PRIMARY KEY,
    person BYTEA REFERENCES person (id),
    certificate BYTEA NOT NULL,
    enrolled_at BIGINT NOT NULL,
    seen_at BIGINT,
    requests BIGINT NOT NULL DEFAULT 0,
    recorded BIGINT NOT NULL DEFAULT 0,
    unsent BIGINT NOT NULL DEFAULT 0,
    standing BIGINT NOT NULL DEFAULT 0,
    suspect TEXT,
    revoked_reason TEXT,
    revoked_effective BIGINT,
    feed_end BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE request (
    device BYTEA NOT NULL REFERENCES device (id),
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (device, number)
);

CREATE TABLE boot (
    device BYTEA NOT NULL REFERENCES device (id),
    boot BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (device, boot)
);

CREATE TABLE correction (
    device BYTEA NOT NULL,
    boot BYTEA NOT NULL,
    subject_kind BIGINT NOT NULL,
    subject_id BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (device, boot, subject_kind, subject_id)
);

-- `writer` is the CBOR of the format: [0, certificate] or [1, epoch].
CREATE TABLE stream (
    id BYTEA PRIMARY KEY DEFAULT uuid_send(gen_random_uuid()),
    subject_kind BIGINT NOT NULL,
    subject_id BYTEA NOT NULL,
    writer BYTEA NOT NULL,
    branch BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (subject_kind, subject_id, writer, branch)
);
CREATE INDEX stream_writer ON stream (writer);

CREATE TABLE event (
    stream BYTEA NOT NULL REFERENCES stream (id),
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    action BYTEA NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (stream, seq)
);
CREATE INDEX event_action ON event (action);

CREATE TABLE seal (
    stream BYTEA NOT NULL REFERENCES stream (id),
    seq BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (stream, seq)
);

-- `id` counts a subject's keys.
CREATE TABLE subject_key (
    id BIGINT NOT NULL,
    subject_kind BIGINT NOT NULL,
    subject_id BYTEA NOT NULL,
    class BIGINT NOT NULL,
    key BYTEA NOT NULL,
    PRIMARY KEY (subject_kind, subject_id, id),
    UNIQUE (subject_kind, subject_id, class, key)
);

CREATE TABLE held (
    id BYTEA PRIMARY KEY,
    device BYTEA NOT NULL REFERENCES device (id),
    stream BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    events BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    tail BYTEA NOT NULL
);
CREATE INDEX held_device ON held (device);

-- Derived from an order's streams.
CREATE TABLE work_order (
    id BYTEA PRIMARY KEY,
    number BYTEA NOT NULL,
    premises BYTEA,
    assigned_to BYTEA,
    status TEXT NOT NULL,
    active BIGINT NOT NULL,
    conflicts BIGINT NOT NULL,
    open_conflicts BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX work_order_person ON work_order (assigned_to);
CREATE INDEX work_order_changed ON work_order (changed_at);
-- By its hash: a B-tree refuses a number of some thousand characters.
CREATE INDEX work_order_number ON work_order USING hash (number);

CREATE TABLE scope (
    device BYTEA NOT NULL REFERENCES device (id),
    work_order BYTEA NOT NULL,
    PRIMARY KEY (device, work_order)
);
CREATE INDEX scope_order ON scope (work_order);

CREATE TABLE feed (
    device BYTEA NOT NULL REFERENCES device (id),
    position BIGINT NOT NULL,
    item BYTEA NOT NULL,
    PRIMARY KEY (device, position)
);

-- `id` counts a device's outcomes.
CREATE TABLE outcome (
    id BIGINT NOT NULL,
    device BYTEA NOT NULL REFERENCES device (id),
    work_order BYTEA NOT NULL,
    outcome BYTEA NOT NULL,
    answer BYTEA,
    delivered BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (device, id)
);
CREATE INDEX outcome_open ON outcome (device) WHERE delivered = 0;
