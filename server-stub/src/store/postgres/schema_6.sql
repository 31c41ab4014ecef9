-- Photos that events name: what is known of each, and the parts that have arrived.
CREATE TABLE photo (
    address BYTEA PRIMARY KEY,
    device BYTEA NOT NULL REFERENCES device (id),
    work_order BYTEA NOT NULL,
    size BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    begun_at BIGINT,
    received BIGINT NOT NULL DEFAULT 0,
    arrived_at BIGINT,
    overdue BIGINT NOT NULL DEFAULT 0,
    safe BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX photo_waiting ON photo (device) WHERE arrived_at IS NULL;
CREATE INDEX photo_due ON photo (due_at) WHERE arrived_at IS NULL AND overdue = 0;
CREATE INDEX photo_begun ON photo (device, begun_at);

CREATE TABLE photo_part (
    address BYTEA NOT NULL REFERENCES photo (address),
    at BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (address, at)
);

-- What the last verified backup covers, and when it was made.
ALTER TABLE stream ADD COLUMN safe BIGINT NOT NULL DEFAULT 0;
ALTER TABLE server ADD COLUMN backed_up_at BIGINT;
