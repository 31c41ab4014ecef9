-- Cases of complaint, and what emergencies wait for: lines for lists and alarms. What happened in a
-- case stands among the facts.
CREATE TABLE complaint (
    number TEXT NOT NULL PRIMARY KEY,
    work_order BYTEA NOT NULL,
    owner BYTEA NOT NULL,
    status TEXT NOT NULL,
    closed BIGINT NOT NULL,
    due BIGINT,
    received_at BIGINT NOT NULL
);
CREATE INDEX complaint_order ON complaint (work_order);
CREATE INDEX complaint_open ON complaint (due) WHERE closed = 0;
CREATE INDEX complaint_received ON complaint (received_at);
CREATE TABLE emergency (
    work_order BYTEA NOT NULL PRIMARY KEY,
    promise TEXT NOT NULL,
    due BIGINT NOT NULL
);
CREATE INDEX emergency_due ON emergency (due);
