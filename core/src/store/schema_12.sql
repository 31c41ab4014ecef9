-- Gas that is off at some premises, as its order's events tell. Built from them, and dropped with the
-- other projections.
CREATE TABLE open_stop (
    premises   BLOB NOT NULL,
    work_order BLOB NOT NULL,
    event      BLOB NOT NULL,
    at         INTEGER NOT NULL,
    what       BLOB NOT NULL,
    hazard     BLOB,
    PRIMARY KEY (premises, work_order, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_stop_order ON open_stop (work_order);
INSERT OR IGNORE INTO meta (key, value)
    SELECT 'stale', x'f5' WHERE EXISTS (SELECT 1 FROM order_row);
