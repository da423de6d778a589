-- Sources as people manage them: feeds in groups with tags, owner and note; publishers whose values say where they come from.
DROP VIEW IF EXISTS mart.publishers;  -- made anew by repeatable/: their columns change
DROP VIEW IF EXISTS mart.feed_health;

ALTER TABLE news.feeds
    ADD groups text[] NOT NULL DEFAULT '{}',
    ADD tags text[] NOT NULL DEFAULT '{}',
    ADD owner text,
    ADD note text;

ALTER TABLE news.publishers
    ADD name_from text,
    ADD country_from text,
    ADD languages text[] NOT NULL DEFAULT '{}',
    ADD languages_from text,
    ADD kind text,
    ADD kind_from text;

-- Until now only users said anything of publishers.
UPDATE news.publishers
SET name_from = CASE WHEN name IS NOT NULL THEN 'user' END,
    country_from = CASE WHEN country IS NOT NULL THEN 'user' END,
    languages = CASE WHEN language IS NOT NULL THEN ARRAY[language] ELSE '{}' END,
    languages_from = CASE WHEN language IS NOT NULL THEN 'user' END;

ALTER TABLE news.publishers
    DROP language,
    ADD CHECK ((name IS NULL) = (name_from IS NULL)),
    ADD CHECK ((country IS NULL) = (country_from IS NULL)),
    ADD CHECK ((languages = '{}') = (languages_from IS NULL)),
    ADD CHECK ((kind IS NULL) = (kind_from IS NULL));

-- What the last weeks of one feed brought: the rate that its silence is judged by.
CREATE INDEX entries_feed_seen ON news.entries (feed_id, first_seen_at);
