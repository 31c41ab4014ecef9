-- A document as the company signed it, so that a phone can give it to another one. What came before this
-- schema has none: it is in no file until it is published anew.
ALTER TABLE standing ADD COLUMN signed BLOB;
