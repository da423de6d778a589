-- Pages are asked for again while their article is young: when, with which validators, and what says that one is gone.
ALTER TABLE news.addresses
    ADD etag text,
    ADD last_modified text,
    ADD recheck_at timestamptz,
    ADD gone_answers integer NOT NULL DEFAULT 0,
    ADD gone_first_at timestamptz,
    ADD gone_since timestamptz,
    ADD CONSTRAINT gone_has_its_first_answer CHECK ((gone_answers > 0) = (gone_first_at IS NOT NULL)),
    ADD CONSTRAINT gone_after_answers CHECK (gone_since IS NULL OR gone_answers > 0);
CREATE INDEX addresses_recheck ON news.addresses (recheck_at) WHERE recheck_at IS NOT NULL;

-- How often a second look at a publisher's articles found another text.
ALTER TABLE news.publishers
    ADD rechecks integer NOT NULL DEFAULT 0,
    ADD revisions integer NOT NULL DEFAULT 0;

-- robots.txt as it was last read, for all workers: a drain lives for minutes, a robots.txt holds for a day.
CREATE TABLE ops.robots (
    site text PRIMARY KEY,
    status integer NOT NULL,
    body bytea NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now()
);
