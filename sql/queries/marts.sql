-- name: clear_days
DELETE FROM mart.topic_daily AS daily
WHERE daily.day = ANY (%(days)s::date[]);

-- name: fill_days
-- The rollup of these days, made from the facts.
INSERT INTO mart.topic_daily (
    day, topic, language, country, articles, originals, sources, core_articles, core_originals
)
SELECT tag.day,
    tag.topic,
    tag.language,
    coalesce(tag.country, 'ZZ'),
    count(*),
    count(*) FILTER (WHERE NOT tag.is_copy),
    count(DISTINCT tag.publisher),
    count(*) FILTER (WHERE tag.level = 'core'),
    count(*) FILTER (WHERE tag.level = 'core' AND NOT tag.is_copy)
FROM mart.article_topics AS tag
WHERE tag.day = ANY (%(days)s::date[])
GROUP BY tag.day, tag.topic, tag.language, coalesce(tag.country, 'ZZ');
