-- Stories: which articles report one event, by version of the rule; with frozen tables of how common words are.
CREATE TABLE news.story_frequencies (
    frequencies text NOT NULL,
    language text NOT NULL,
    articles integer,
    terms text[] NOT NULL,
    shares real[] NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (frequencies, language),
    CHECK (cardinality(terms) = cardinality(shares))
);

CREATE TABLE news.story_versions (
    story_version text PRIMARY KEY,
    rule text NOT NULL,
    frequencies text NOT NULL,
    state text NOT NULL CHECK (state IN ('current', 'next', 'old')),
    features_from timestamptz,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX story_versions_one_current ON news.story_versions (state) WHERE state = 'current';
INSERT INTO news.story_versions (story_version, rule, frequencies, state)
VALUES ('stories-1 words-1', 'stories-1', 'words-1', 'current');

CREATE TABLE news.story_features (
    story_version text NOT NULL REFERENCES news.story_versions,
    article_id bigint NOT NULL REFERENCES news.articles,
    version_id bigint NOT NULL REFERENCES news.article_versions,
    url text NOT NULL COLLATE "C",
    language text NOT NULL,
    at timestamptz NOT NULL,
    key_terms integer[] NOT NULL,
    features json NOT NULL,
    capped boolean NOT NULL DEFAULT false,
    -- The article first: an index that begins with the version, which all rows share, was chosen to find candidates by.
    PRIMARY KEY (article_id, story_version)
);
CREATE INDEX story_features_key_terms ON news.story_features USING gin (key_terms) WITH (fastupdate = off);
CREATE INDEX story_features_at ON news.story_features (at);

CREATE TABLE news.story_links (
    story_version text NOT NULL REFERENCES news.story_versions,
    earlier_id bigint NOT NULL REFERENCES news.articles,
    later_id bigint NOT NULL REFERENCES news.articles,
    score real NOT NULL,
    evidence jsonb NOT NULL,
    PRIMARY KEY (story_version, later_id, earlier_id),
    CHECK (earlier_id <> later_id)
);
CREATE INDEX story_links_earlier ON news.story_links (story_version, earlier_id);

CREATE TABLE news.stories (
    story_version text NOT NULL REFERENCES news.story_versions,
    story_id bigint NOT NULL REFERENCES news.articles,
    at timestamptz NOT NULL,
    PRIMARY KEY (story_version, story_id)
);
CREATE INDEX stories_at ON news.stories (at);

CREATE TABLE news.story_members (
    story_version text NOT NULL REFERENCES news.story_versions,
    article_id bigint NOT NULL REFERENCES news.articles,
    story_id bigint NOT NULL,
    score real,
    evidence jsonb,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (story_version, article_id),
    FOREIGN KEY (story_version, story_id) REFERENCES news.stories DEFERRABLE INITIALLY DEFERRED,
    CHECK ((score IS NULL) = (article_id = story_id)),
    CHECK ((score IS NULL) = (evidence IS NULL))
);
CREATE INDEX story_members_story ON news.story_members (story_version, story_id);

CREATE TABLE news.story_aliases (
    story_version text NOT NULL REFERENCES news.story_versions,
    alias_id bigint NOT NULL REFERENCES news.articles,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (story_version, alias_id)
);
