-- Premises of the district, each in a row of its own: a hundred thousand of them cost a start nothing.
CREATE TABLE premises (
    row    INTEGER PRIMARY KEY,
    id     BLOB NOT NULL UNIQUE,
    -- CBOR of the premises; empty while only their meters came.
    body   BLOB NOT NULL DEFAULT x'',
    -- CBOR of their meters; empty where none are known.
    meters BLOB NOT NULL DEFAULT x''
) STRICT;

-- Their words for search as one types, in pairs of characters; the text itself stands above. No
-- personal data: names are looked for among the orders in scope, and nowhere written down.
CREATE VIRTUAL TABLE premises_words USING fts5 (
    words, content = '', contentless_delete = 1, prefix = '1', tokenize = 'unicode61'
);
