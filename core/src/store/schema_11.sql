-- Cases of complaint that are not closed, as they were told last in an order.
CREATE TABLE complaint (
    number      TEXT NOT NULL,
    work_order  BLOB NOT NULL,
    told        BLOB NOT NULL,
    -- The event whose private part holds what the customer said.
    said_stream INTEGER,
    said_seq    INTEGER,
    PRIMARY KEY (number, work_order)
) STRICT, WITHOUT ROWID;
CREATE INDEX complaint_order ON complaint (work_order);
INSERT OR REPLACE INTO meta (key, value) SELECT 'stale', x'f5' WHERE EXISTS (SELECT 1 FROM order_row);
