-- When each device was last told to exchange: the bell.
ALTER TABLE device ADD COLUMN bell INTEGER NOT NULL DEFAULT 0;
CREATE INDEX device_bell ON device (bell);
CREATE INDEX device_person ON device (person);

-- Answers that carried a device's outcomes, up to which: whichever of them is confirmed, those are
-- delivered. Two copies of a phone confirm in turn.
CREATE TABLE carried (
    device BLOB NOT NULL,
    answer BLOB NOT NULL,
    upto   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (device, answer)
) STRICT, WITHOUT ROWID;
