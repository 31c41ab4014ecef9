-- An appointment is one thing, agreed with the customer or planned by the office.
ALTER TABLE order_row RENAME COLUMN window_from TO appointment_from;
ALTER TABLE order_row RENAME COLUMN window_to TO appointment_to;
ALTER TABLE order_row ADD COLUMN appointment_agreed INTEGER NOT NULL DEFAULT 1;
INSERT OR REPLACE INTO meta (key, value) SELECT 'stale', x'f5' WHERE EXISTS (SELECT 1 FROM order_row);
