-- What a page says beside its text, what kind of page it is, and the paragraphs that a site repeats.
ALTER TABLE news.articles
    ADD COLUMN published_source text CHECK (published_source IN ('structured_data', 'meta', 'marked_time', 'address', 'text', 'feed')),
    ADD COLUMN published_precision text CHECK (published_precision IN ('instant', 'local', 'day'));

ALTER TABLE news.article_versions
    ADD COLUMN kind text NOT NULL DEFAULT 'article' CHECK (
        kind IN ('article', 'live_blog', 'video', 'gallery', 'paywall_teaser', 'consent_wall', 'error_page', 'home_page')
    ),
    ADD COLUMN score real,
    ADD COLUMN flags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN method text CHECK (method IN ('fast', 'thorough', 'structured_data', 'entry')),
    ADD COLUMN language_confidence real,
    ADD COLUMN modified_at timestamptz,
    ADD COLUMN standfirst text,
    ADD COLUMN section text,
    ADD COLUMN image_url text,
    ADD COLUMN is_free boolean,
    ADD COLUMN syndicated_from text;

CREATE TABLE news.site_blocks (
    site text NOT NULL,
    block_key bigint NOT NULL,
    stories bigint[] NOT NULL,
    days date[] NOT NULL CHECK (cardinality(days) = cardinality(stories)),
    last_day date NOT NULL,
    is_repeated boolean NOT NULL,
    sample text,
    PRIMARY KEY (site, block_key)
);
CREATE INDEX site_blocks_forgettable ON news.site_blocks (site, last_day) WHERE NOT is_repeated;
