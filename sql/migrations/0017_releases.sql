-- A changed topic file tags nothing before it is released; what a person says of an article wins; shares of the coverage.
ALTER TABLE news.topics
    ADD file_sha256 bytea,
    ADD version_offered bigint REFERENCES news.topic_versions;
UPDATE news.topics SET version_offered = version_in_force;

CREATE TABLE news.topic_releases (
    release_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic_id bigint NOT NULL REFERENCES news.topics,
    from_version_id bigint REFERENCES news.topic_versions,
    to_version_id bigint REFERENCES news.topic_versions,
    approve_above real NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    looked_to bigint NOT NULL DEFAULT 0,
    looked_at integer NOT NULL DEFAULT 0,
    tags_before integer,
    outcome text CHECK (outcome IN ('released', 'rejected', 'overtaken')),
    decided_at timestamptz,
    decided_by text,
    note text,
    CHECK ((outcome IS NULL) = (decided_at IS NULL)),
    CHECK (from_version_id IS DISTINCT FROM to_version_id)
);
CREATE UNIQUE INDEX topic_releases_open ON news.topic_releases (topic_id) WHERE outcome IS NULL;

CREATE TABLE news.topic_release_changes (
    release_id bigint NOT NULL REFERENCES news.topic_releases,
    article_id bigint NOT NULL REFERENCES news.articles,
    level_before text,
    level_after text,
    PRIMARY KEY (release_id, article_id)
);

CREATE TABLE news.topic_overrides (
    override_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id bigint NOT NULL REFERENCES news.articles,
    topic_id bigint NOT NULL REFERENCES news.topics,
    applies boolean NOT NULL,
    said_by text NOT NULL,
    note text,
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_to timestamptz
);
CREATE UNIQUE INDEX topic_overrides_current ON news.topic_overrides (article_id, topic_id) WHERE valid_to IS NULL;

-- Each topic with itself and all that it is a part of: a table, so that views over tags need no recursion for each row.
CREATE TABLE news.topic_family (
    topic_id bigint NOT NULL REFERENCES news.topics,
    ancestor_id bigint NOT NULL REFERENCES news.topics,
    PRIMARY KEY (ancestor_id, topic_id)
);
CREATE INDEX topic_family_topic ON news.topic_family (topic_id);

-- Volume says little without what it is a share of. Days made before this get their shares when they are made again.
ALTER TABLE mart.topic_daily
    ADD all_articles integer,
    ADD share real GENERATED ALWAYS AS (articles::real / nullif(all_articles, 0)) STORED,
    ADD core_share real GENERATED ALWAYS AS (core_articles::real / nullif(articles, 0)) STORED;
INSERT INTO ops.work (stage, key)
SELECT DISTINCT 'publish', to_char(daily.day, 'YYYYMMDD')::bigint
FROM mart.topic_daily AS daily
ON CONFLICT (stage, key) DO NOTHING;
