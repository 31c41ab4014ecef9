-- What is owed again after visits have ended, as claimed payments bounced: shown in the list.
ALTER TABLE order_row ADD COLUMN owed BLOB;
INSERT OR IGNORE INTO meta (key, value)
    SELECT 'stale', x'f5' WHERE EXISTS (SELECT 1 FROM order_row);
