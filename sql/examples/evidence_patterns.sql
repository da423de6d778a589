-- Which patterns of a topic prove most of its tags?
-- An editor sees what carries a topic, and what never does; tags of the last 30 days.
SELECT tag.topic, tag.evidence_pattern, tag.language, count(*) AS articles, count(*) FILTER (WHERE tag.level = 'core') AS core
FROM mart.article_topics AS tag
WHERE tag.day > now()::date - 30
GROUP BY tag.topic, tag.evidence_pattern, tag.language
ORDER BY tag.topic, articles DESC;
