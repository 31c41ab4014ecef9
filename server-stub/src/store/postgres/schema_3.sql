-- What a supervisor decided about what is held back, and who, when.
ALTER TABLE held ADD COLUMN decided TEXT;
ALTER TABLE held ADD COLUMN decided_by BYTEA;
ALTER TABLE held ADD COLUMN decided_at BIGINT;
