-- Imported history: who vouches for an entry or a page, how far each import has come, and a pace of its own for bulk work.
ALTER TABLE news.entries ADD seen_by text NOT NULL DEFAULT 'live' CHECK (seen_by IN ('live', 'claim'));
ALTER TABLE news.pages ADD seen_by text NOT NULL DEFAULT 'live' CHECK (seen_by IN ('live', 'archive'));
ALTER TABLE ops.hosts ADD next_bulk_at timestamptz;

CREATE TABLE news.history_documents (
    feed_id bigint NOT NULL REFERENCES news.feeds ON DELETE CASCADE,
    address_key bytea NOT NULL,
    url text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('feed', 'archived', 'paged', 'wordpress', 'robots', 'sitemap')),
    outcome text NOT NULL,
    detail text,
    items integer NOT NULL DEFAULT 0,
    new_entries integer NOT NULL DEFAULT 0,
    oldest date,
    newest date,
    fingerprint bytea,
    next_urls text[] NOT NULL DEFAULT '{}',
    next_kinds text[] NOT NULL DEFAULT '{}',
    next_changed date[] NOT NULL DEFAULT '{}',
    taken_since date,
    taken_until date,
    read_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (feed_id, address_key)
);

CREATE TABLE ops.warc_files (
    url text NOT NULL,
    part text NOT NULL,  -- which of its captures were asked for: all, or days and domains
    next_offset bigint NOT NULL DEFAULT 0,
    pages integer NOT NULL DEFAULT 0,
    broken integer NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (url, part)
);

CREATE TABLE ops.warc_records (
    record_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_url text NOT NULL,
    record_offset bigint NOT NULL,
    UNIQUE (file_url, record_offset)
);
