-- What is stored of each device, as the sum that an exchange compares: moved with every stream. A device
-- without a row is summed from its streams when it is asked for.
CREATE TABLE stored (
    device BYTEA NOT NULL PRIMARY KEY REFERENCES device (id),
    events BIGINT NOT NULL,
    sum BYTEA NOT NULL,
    -- Events on branches that were let count.
    on_branches BIGINT NOT NULL
);

-- What each exchange asks of a device and its person, without walking through all they ever did.
DROP INDEX held_device;
CREATE INDEX held_device ON held (device, stream, seq, events, decided);
DROP INDEX stream_writer;
CREATE INDEX stream_writer ON stream (writer, changed_at);
DROP INDEX work_order_person;
CREATE INDEX work_order_person ON work_order (assigned_to, changed_at);
CREATE INDEX work_order_active ON work_order (assigned_to) WHERE active = 1;
CREATE INDEX work_order_conflict ON work_order (assigned_to) WHERE open_conflicts > 0;
-- Both columns, so that it is taken before the index of photos begun.
DROP INDEX photo_waiting;
CREATE INDEX photo_waiting ON photo (device, arrived_at) WHERE arrived_at IS NULL;
