-- When a line was put into a feed: a server that was restored may be as far again, by other lines.
ALTER TABLE feed ADD COLUMN put_at INTEGER;
ALTER TABLE device ADD COLUMN put_at INTEGER;
