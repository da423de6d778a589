-- Neighbours of many articles at once are found by reading all of a language and a time.
CREATE INDEX story_features_language_at ON news.story_features (language, at);
-- What is compared in full is stored apart, so that a page holds the terms of ten articles and not of three.
ALTER TABLE news.story_features SET (toast_tuple_target = 512);
