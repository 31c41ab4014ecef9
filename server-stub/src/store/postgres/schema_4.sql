-- Facts that are no events of an order, and that verdicts judge by: what was published when, who
-- moved out.
CREATE TABLE fact (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key TEXT NOT NULL,
    at BIGINT NOT NULL,
    body BYTEA NOT NULL
);
CREATE INDEX fact_key ON fact (key);
CREATE INDEX work_order_premises ON work_order (premises);
