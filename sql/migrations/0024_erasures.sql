-- What was erased: who wanted it and why, and what is left of it, addresses and entries that say nothing and let nothing back in.
CREATE TABLE ops.erasures (
    erasure_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    asked_by text NOT NULL,
    why text NOT NULL CHECK (why <> ''),
    scope jsonb NOT NULL,
    articles integer NOT NULL DEFAULT 0,
    addresses integer NOT NULL DEFAULT 0,
    entries integer NOT NULL DEFAULT 0,
    pages integer NOT NULL DEFAULT 0,
    finished_at timestamptz
);

ALTER TABLE news.addresses ADD erasure_id bigint REFERENCES ops.erasures;
ALTER TABLE news.entries ADD erasure_id bigint REFERENCES ops.erasures;
-- Another way to what was erased: found by extract, erased by the next check.
CREATE INDEX addresses_come_back ON news.addresses (address_id) WHERE no_article = 'erased' AND erasure_id IS NULL;
CREATE INDEX article_versions_page ON news.article_versions (page_id);
