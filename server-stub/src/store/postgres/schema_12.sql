-- Where the receipts of the device begin and end that a code makes.
ALTER TABLE code ADD COLUMN first_receipt BIGINT;
ALTER TABLE code ADD COLUMN last_receipt BIGINT;
-- Who took cash is named by the badge.
CREATE INDEX person_badge ON person (badge);
