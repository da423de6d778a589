-- Stories: neighbours are found by rare terms and counted among earlier articles, so that the order of arrival plays no part.
DROP INDEX news.story_features_key_terms;
ALTER TABLE news.story_features
    DROP COLUMN capped,
    ADD COLUMN rare_terms integer[] NOT NULL DEFAULT '{}',  -- of the former rule, which finds no new articles
    ADD COLUMN earlier integer;
ALTER TABLE news.story_features ALTER COLUMN rare_terms DROP DEFAULT;
CREATE INDEX story_features_rare_terms ON news.story_features USING gin (rare_terms) WITH (fastupdate = off);

-- A warehouse without articles begins with the new rule; others show the stories that they have until a person switches.
UPDATE news.story_versions AS version
SET story_version = 'stories-2 words-1', rule = 'stories-2'
WHERE version.story_version = 'stories-1 words-1' AND NOT EXISTS (SELECT FROM news.articles);
