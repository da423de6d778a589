-- name: take_back
-- What was said before is said no longer; it stays to be read.
UPDATE news.topic_overrides AS said
SET valid_to = now()
FROM news.topics AS topic
WHERE topic.topic_id = said.topic_id AND topic.slug = %(topic)s::text AND said.article_id = %(article_id)s::bigint
    AND said.valid_to IS NULL;

-- name: say
INSERT INTO news.topic_overrides (article_id, topic_id, applies, said_by, note)
SELECT %(article_id)s::bigint, topic.topic_id, %(applies)s::boolean, %(said_by)s::text, %(note)s::text
FROM news.topics AS topic
WHERE topic.slug = %(topic)s::text;

-- name: of_topic -> OverrideLine
-- What people say otherwise than the rules, with what the rules say now, the newest first.
SELECT said.article_id, said.applies, said.said_by, said.note, said.valid_from, tag.level, version.language, version.title,
    version.text
FROM news.topic_overrides AS said
JOIN news.topics AS topic ON topic.topic_id = said.topic_id
JOIN news.articles AS article ON article.article_id = said.article_id
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
LEFT JOIN news.article_topics AS tag ON tag.article_id = said.article_id AND tag.topic_id = said.topic_id
WHERE topic.slug = %(topic)s::text AND said.valid_to IS NULL
ORDER BY said.valid_from DESC, said.article_id;
