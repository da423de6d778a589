-- Which tags are the weakest, so that a person should look at them?
-- The lowest scores of the last 30 days, with their proof.
SELECT tag.topic, tag.score, tag.language, tag.title, tag.evidence, tag.url
FROM mart.article_topics AS tag
WHERE tag.level = 'mention' AND tag.day > now()::date - 30
ORDER BY tag.score, tag.at DESC
LIMIT 50;
