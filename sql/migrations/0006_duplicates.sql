-- Fingerprints, and which article repeats which.
CREATE TABLE news.fingerprints (
    article_id bigint PRIMARY KEY REFERENCES news.articles,
    version_id bigint NOT NULL REFERENCES news.article_versions,
    text_sha256 bytea,
    fingerprint_version text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX fingerprints_text ON news.fingerprints (text_sha256);

CREATE TABLE news.duplicates (
    article_id bigint PRIMARY KEY REFERENCES news.articles,
    original_id bigint NOT NULL REFERENCES news.articles,
    kind text NOT NULL,
    reason text NOT NULL,
    fingerprint_version text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT duplicate_of_another CHECK (article_id <> original_id)
);
CREATE INDEX duplicates_original ON news.duplicates (original_id);
