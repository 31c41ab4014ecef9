-- What is held of the streams that each certificate of this phone wrote, as the number that an exchange
-- tells: moved with every own stream. A writer without a row is summed from its streams when asked.
CREATE TABLE held_sum (
    writer BLOB NOT NULL PRIMARY KEY,
    events INTEGER NOT NULL,
    sum    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What an exchange asks of all keys, without walking through them.
CREATE INDEX key_unsent ON subject_key (subject_kind, subject_id, class) WHERE unsent = 1;
