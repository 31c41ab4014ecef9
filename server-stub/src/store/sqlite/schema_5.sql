-- What tells orders at one premises that may be about one fault. Of older lines it isn't known until
-- they are folded again.
ALTER TABLE work_order ADD COLUMN kind TEXT;
ALTER TABLE work_order ADD COLUMN opened_at INTEGER;
ALTER TABLE work_order ADD COLUMN charged INTEGER NOT NULL DEFAULT 1;
DROP INDEX work_order_premises;
CREATE INDEX work_order_premises ON work_order (premises, opened_at);
