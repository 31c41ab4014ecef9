-- The first screen: rounds in the order of doors, times agreed, promises, hazards of earlier visits.
ALTER TABLE order_row ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE order_row ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE order_row ADD COLUMN window_from INTEGER;
ALTER TABLE order_row ADD COLUMN window_to INTEGER;
-- CBOR: the promises that hold for it.
ALTER TABLE order_row ADD COLUMN promises BLOB NOT NULL DEFAULT x'80';
-- Where the event stands that opened it, with the sealed customer.
ALTER TABLE order_row ADD COLUMN opened_stream INTEGER NOT NULL DEFAULT 0;
ALTER TABLE order_row ADD COLUMN opened_seq INTEGER NOT NULL DEFAULT 0;
DROP INDEX order_listed;
CREATE INDEX order_listed ON order_row (sort, place, id) WHERE listed = 1;
CREATE INDEX order_premises ON order_row (premises);

-- Hazards that are still there, by premises.
CREATE TABLE open_hazard (
    premises   BLOB NOT NULL,
    work_order BLOB NOT NULL,
    event      BLOB NOT NULL,
    at         INTEGER NOT NULL,
    scale      TEXT NOT NULL,
    grade      TEXT NOT NULL,
    rank       INTEGER NOT NULL,
    item       TEXT NOT NULL,
    due        INTEGER,
    PRIMARY KEY (premises, work_order, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_hazard_order ON open_hazard (work_order);

-- When each decision was made, so that the latest are read alone.
ALTER TABLE outcome ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outcome_at ON outcome (at, id);

-- The projections above are built from the events when the file is next opened by its phone.
INSERT INTO meta (key, value) SELECT 'stale', x'f5' WHERE EXISTS (SELECT 1 FROM order_row);
