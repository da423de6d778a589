-- What full-text search looks into: one row an article, made by a trigger whenever its current version changes.
-- The language is kept as text, never as regconfig: such a column would stand in the way of pg_upgrade.
CREATE TABLE news.search_documents (
    article_id bigint PRIMARY KEY REFERENCES news.articles ON DELETE CASCADE,
    dialect text NOT NULL,
    at timestamptz NOT NULL,
    document tsvector NOT NULL,
    search_version integer NOT NULL
);
CREATE INDEX search_documents_words ON news.search_documents USING gin (document) WITH (fastupdate = off);
CREATE INDEX search_documents_version ON news.search_documents (search_version);
CREATE INDEX search_documents_dialect ON news.search_documents (dialect, at);
