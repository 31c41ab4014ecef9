-- Whoever answers for a case that is not closed has its order in scope.
CREATE INDEX complaint_owner ON complaint (owner) WHERE closed = 0;
