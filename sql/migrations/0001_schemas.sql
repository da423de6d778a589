-- Three schemas, so that a grant can say who reads what: facts, the pipeline's own books, and what analysts read.
CREATE SCHEMA news;
CREATE SCHEMA ops;
CREATE SCHEMA mart;
