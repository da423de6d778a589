-- Topics that users define, each version of a definition, and the tags with their proof.
CREATE TABLE news.topics (
    topic_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    parent text,
    version_in_force bigint,
    problem text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE news.topic_versions (
    topic_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic_id bigint NOT NULL REFERENCES news.topics,
    sha256 bytea NOT NULL,
    definition text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (topic_id, sha256)
);
ALTER TABLE news.topics ADD FOREIGN KEY (version_in_force) REFERENCES news.topic_versions;

CREATE TABLE news.article_topics (
    article_id bigint NOT NULL REFERENCES news.articles,
    topic_id bigint NOT NULL REFERENCES news.topics,
    topic_version_id bigint NOT NULL REFERENCES news.topic_versions,
    version_id bigint NOT NULL REFERENCES news.article_versions,
    engine text NOT NULL,
    level text NOT NULL CHECK (level IN ('core', 'mention')),
    score real NOT NULL,
    evidence jsonb NOT NULL CHECK (jsonb_typeof(evidence) = 'array'),
    valid_from timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (article_id, topic_id)
);
CREATE INDEX article_topics_topic ON news.article_topics (topic_id, level);

CREATE TABLE news.article_topic_history (
    article_id bigint NOT NULL,
    topic_id bigint NOT NULL,
    topic_version_id bigint NOT NULL,
    version_id bigint NOT NULL,
    engine text NOT NULL,
    level text NOT NULL,
    score real NOT NULL,
    evidence jsonb NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (article_id, topic_id, valid_from)
);

CREATE TABLE news.article_taggings (
    article_id bigint PRIMARY KEY REFERENCES news.articles,
    version_id bigint NOT NULL REFERENCES news.article_versions,
    definitions_sha256 bytea NOT NULL,
    engine text NOT NULL,
    first_tagged_at timestamptz NOT NULL DEFAULT now(),
    tagged_at timestamptz NOT NULL DEFAULT now()
);
