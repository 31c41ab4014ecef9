-- Hazards that the server told of some premises, found under orders that are not here.
ALTER TABLE premises ADD COLUMN hazards BLOB NOT NULL DEFAULT x'';
-- The finding that a hazard continues.
ALTER TABLE open_hazard ADD COLUMN first BLOB;
