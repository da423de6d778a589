-- error hourly: a day's rollup differs from the facts it is made of, and nobody is about to make it again
WITH facts AS (
    SELECT tag.day, tag.topic, tag.language, coalesce(tag.country, 'ZZ') AS country, count(*) AS articles,
        count(*) FILTER (WHERE NOT tag.is_copy) AS originals
    FROM mart.article_topics AS tag
    GROUP BY tag.day, tag.topic, tag.language, coalesce(tag.country, 'ZZ')
)
SELECT coalesce(facts.day, daily.day) AS day, coalesce(facts.topic, daily.topic) AS topic, facts.articles, daily.articles AS rolled_up
FROM facts
FULL JOIN mart.topic_daily AS daily USING (day, topic, language, country)
WHERE (facts.articles, facts.originals) IS DISTINCT FROM (daily.articles::bigint, daily.originals::bigint)
    AND NOT EXISTS (
        SELECT FROM ops.work AS work
        WHERE work.stage = 'publish' AND work.key = to_char(coalesce(facts.day, daily.day), 'YYYYMMDD')::bigint);
