-- Keys made here, each sealed to the company, until the server has them.
CREATE TABLE key_box (
    subject_kind INTEGER NOT NULL,
    subject_id   BLOB NOT NULL,
    class        INTEGER NOT NULL,
    bytes        BLOB NOT NULL,
    PRIMARY KEY (subject_kind, subject_id, class, bytes)
) STRICT, WITHOUT ROWID;
-- Keys that earlier versions kept are put under the storage key as soon as there is one.
INSERT INTO meta (key, value) SELECT 'keys_in_plain', x'f5' WHERE EXISTS (SELECT 1 FROM subject_key);
