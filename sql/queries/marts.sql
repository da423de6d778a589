-- name: clear_days
DELETE FROM mart.topic_daily AS daily
WHERE daily.day = ANY (%(days)s::date[]);

-- name: fill_days
-- The rollup of these days, made from the facts.
WITH everything AS (
    SELECT article.day, article.language, coalesce(article.country, 'ZZ') AS country, count(*) AS articles
    FROM mart.articles AS article
    WHERE article.day = ANY (%(days)s::date[])
    GROUP BY 1, 2, 3
)
INSERT INTO mart.topic_daily (
    day, topic, language, country, articles, originals, sources, core_articles, core_originals, all_articles
)
SELECT tag.day,
    tag.topic,
    tag.language,
    coalesce(tag.country, 'ZZ'),
    count(*),
    count(*) FILTER (WHERE NOT tag.is_copy),
    count(DISTINCT tag.publisher),
    count(*) FILTER (WHERE tag.level = 'core'),
    count(*) FILTER (WHERE tag.level = 'core' AND NOT tag.is_copy),
    min(everything.articles)
FROM mart.article_topics AS tag
JOIN everything
    ON everything.day = tag.day AND everything.language = tag.language AND everything.country = coalesce(tag.country, 'ZZ')
WHERE tag.day = ANY (%(days)s::date[])
GROUP BY tag.day, tag.topic, tag.language, coalesce(tag.country, 'ZZ');
