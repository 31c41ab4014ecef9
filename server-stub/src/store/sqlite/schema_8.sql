-- Cases of complaint, and what emergencies wait for: lines for lists and alarms. What happened in a
-- case stands among the facts.
CREATE TABLE complaint (
    number TEXT NOT NULL PRIMARY KEY,
    work_order BLOB NOT NULL,
    owner BLOB NOT NULL,
    status TEXT NOT NULL,
    closed INTEGER NOT NULL,
    due INTEGER,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX complaint_order ON complaint (work_order);
CREATE INDEX complaint_open ON complaint (due) WHERE closed = 0;
CREATE INDEX complaint_received ON complaint (received_at);
CREATE TABLE emergency (
    work_order BLOB NOT NULL PRIMARY KEY,
    promise TEXT NOT NULL,
    due INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX emergency_due ON emergency (due);
