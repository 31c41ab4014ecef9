-- The gas bottles that the customers of some premises hold, as the server told.
ALTER TABLE premises ADD COLUMN bottles BLOB NOT NULL DEFAULT x'';
