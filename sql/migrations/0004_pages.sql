-- What an address gave: the index of the archive (the bytes lie in WARC files).
CREATE TABLE news.pages (
    page_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_id bigint NOT NULL REFERENCES news.addresses,
    body_sha256 bytea NOT NULL,
    final_url text NOT NULL,
    status smallint NOT NULL,
    content_type text,
    archive_path text NOT NULL,
    archive_offset bigint NOT NULL,
    archive_length bigint NOT NULL,
    fetched_at timestamptz NOT NULL,
    UNIQUE (address_id, body_sha256)
);
ALTER TABLE news.addresses ADD FOREIGN KEY (page_id) REFERENCES news.pages;
CREATE INDEX pages_archive ON news.pages (archive_path);
