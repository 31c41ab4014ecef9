-- When the server first heard of a boot. Those known before this column count as always known.
ALTER TABLE boot ADD COLUMN learnt_at INTEGER NOT NULL DEFAULT 0;
