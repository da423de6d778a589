-- Where news comes from: publishers, their feeds, and each feed's entries as the publisher wrote them.
CREATE TABLE news.publishers (
    publisher_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    domain text NOT NULL UNIQUE,
    name text,
    country text CHECK (country ~ '^[A-Z]{2}$'),
    language text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE news.feeds (
    feed_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_key bytea NOT NULL UNIQUE,
    url text NOT NULL,
    host text NOT NULL,
    publisher_id bigint NOT NULL REFERENCES news.publishers,
    title text,
    format text,
    language text,
    paused boolean NOT NULL DEFAULT false,
    etag text,
    last_modified text,
    body_sha256 bytea,
    interval_s integer NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    last_outcome text,
    last_detail text,
    last_polled_at timestamptz,
    last_changed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX feeds_publisher ON news.feeds (publisher_id);

CREATE TABLE news.addresses (
    address_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_key bytea NOT NULL UNIQUE,
    url text NOT NULL,
    host text NOT NULL,
    fetch_outcome text,
    fetch_detail text,
    fetched_at timestamptz,
    page_id bigint,
    article_id bigint,
    no_article text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX addresses_article ON news.addresses (article_id);

CREATE TABLE news.entries (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id bigint NOT NULL REFERENCES news.feeds,
    entry_key bytea NOT NULL,
    guid text,
    address_id bigint REFERENCES news.addresses,
    title text,
    summary text,
    content text,
    authors text[] NOT NULL,
    language text,
    published_raw text,
    published_at timestamptz,
    date_quality text NOT NULL,
    content_sha256 bytea NOT NULL,
    revision integer NOT NULL DEFAULT 0,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    revised_at timestamptz,
    UNIQUE (feed_id, entry_key)
);
CREATE INDEX entries_address ON news.entries (address_id);

CREATE TABLE news.entry_revisions (
    entry_id bigint NOT NULL REFERENCES news.entries,
    revision integer NOT NULL,
    title text,
    summary text,
    content text,
    content_sha256 bytea NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (entry_id, revision)
);
