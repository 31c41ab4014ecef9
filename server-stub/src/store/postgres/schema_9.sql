-- When each device was last told to exchange: the bell.
ALTER TABLE device ADD COLUMN bell BIGINT NOT NULL DEFAULT 0;
CREATE INDEX device_bell ON device (bell);
CREATE INDEX device_person ON device (person);

-- Answers that carried a device's outcomes, up to which: whichever of them is confirmed, those are
-- delivered. Two copies of a phone confirm in turn.
CREATE TABLE carried (
    device BYTEA NOT NULL,
    answer BYTEA NOT NULL,
    upto   BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (device, answer)
);
