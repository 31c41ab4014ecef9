-- What each exchange and the sync screen ask of all streams and photos, without walking through them.
CREATE INDEX stream_to_ask ON stream (subject_kind, asked) WHERE purged < seq AND safe < seq;
CREATE INDEX photo_to_ask ON photo (subject_kind, asked) WHERE arrived = 1 AND safe = 0;
CREATE INDEX stream_held ON stream (id) WHERE own = 1 AND trouble <> '';
