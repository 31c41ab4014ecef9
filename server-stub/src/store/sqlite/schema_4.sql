-- Facts that are no events of an order, and that verdicts judge by: what was published when, who
-- moved out.
CREATE TABLE fact (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX fact_key ON fact (key);
CREATE INDEX work_order_premises ON work_order (premises);
