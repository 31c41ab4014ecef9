-- Keys are kept sealed under the company's from here on; those that stand in plain are found by this.
CREATE INDEX subject_key_plain ON subject_key (subject_id) WHERE length(key) = 32;
