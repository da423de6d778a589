-- Articles and every version of their text.
CREATE TABLE news.articles (
    article_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_id bigint NOT NULL UNIQUE REFERENCES news.addresses,
    url text NOT NULL,
    publisher_id bigint NOT NULL REFERENCES news.publishers,
    current_version_id bigint,
    first_seen_at timestamptz NOT NULL,
    seen_by text NOT NULL CHECK (seen_by IN ('live', 'archive', 'claim')),
    published_at timestamptz,
    at timestamptz NOT NULL,
    day date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX articles_day ON news.articles (day);
CREATE INDEX articles_publisher ON news.articles (publisher_id);

CREATE TABLE news.article_versions (
    version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id bigint NOT NULL REFERENCES news.articles,
    content_sha256 bytea NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    summary text,
    language text NOT NULL,
    authors text[] NOT NULL,
    site_name text,
    text_source text NOT NULL CHECK (text_source IN ('page', 'entry')),
    page_id bigint REFERENCES news.pages,
    extractor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (article_id, content_sha256)
);
ALTER TABLE news.articles ADD FOREIGN KEY (current_version_id) REFERENCES news.article_versions;
ALTER TABLE news.addresses ADD FOREIGN KEY (article_id) REFERENCES news.articles;
