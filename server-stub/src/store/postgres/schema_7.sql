-- What was last published of each premises and its meters, so that only what changed is published.
CREATE TABLE district (
    key TEXT PRIMARY KEY,
    hash BYTEA NOT NULL
);
