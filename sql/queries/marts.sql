-- name: roll_up_days -> Day
-- The rollup of these days, made from the facts; a row that says already what the facts say is left alone. Tells which days changed.
WITH everything AS (
    SELECT article.day, article.language, coalesce(article.country, 'ZZ') AS country, count(*) AS articles
    FROM mart.articles AS article
    WHERE article.day = ANY (%(days)s::date[])
    GROUP BY 1, 2, 3
), facts AS MATERIALIZED (
    SELECT tag.day,
        tag.topic,
        tag.language,
        coalesce(tag.country, 'ZZ') AS country,
        count(*)::integer AS articles,
        (count(*) FILTER (WHERE NOT tag.is_copy))::integer AS originals,
        count(DISTINCT tag.publisher)::integer AS sources,
        (count(*) FILTER (WHERE tag.level = 'core'))::integer AS core_articles,
        (count(*) FILTER (WHERE tag.level = 'core' AND NOT tag.is_copy))::integer AS core_originals,
        min(everything.articles)::integer AS all_articles
    FROM mart.article_topics AS tag
    JOIN everything
        ON everything.day = tag.day AND everything.language = tag.language
        AND everything.country = coalesce(tag.country, 'ZZ')
    WHERE tag.day = ANY (%(days)s::date[])
    GROUP BY tag.day, tag.topic, tag.language, coalesce(tag.country, 'ZZ')
), gone AS (
    DELETE FROM mart.topic_daily AS daily
    WHERE daily.day = ANY (%(days)s::date[]) AND NOT EXISTS (
        SELECT FROM facts
        WHERE (facts.day, facts.topic, facts.language, facts.country)
            = (daily.day, daily.topic, daily.language, daily.country))
    RETURNING daily.day
), written AS (
    INSERT INTO mart.topic_daily AS daily (
        day, topic, language, country, articles, originals, sources, core_articles, core_originals, all_articles
    )
    SELECT facts.day, facts.topic, facts.language, facts.country, facts.articles, facts.originals, facts.sources,
        facts.core_articles, facts.core_originals, facts.all_articles
    FROM facts
    ORDER BY facts.day, facts.topic, facts.language, facts.country
    ON CONFLICT (day, topic, language, country) DO UPDATE
    SET articles = excluded.articles, originals = excluded.originals, sources = excluded.sources,
        core_articles = excluded.core_articles, core_originals = excluded.core_originals,
        all_articles = excluded.all_articles, published_at = now()
    WHERE (daily.articles, daily.originals, daily.sources, daily.core_articles, daily.core_originals, daily.all_articles)
        IS DISTINCT FROM (excluded.articles, excluded.originals, excluded.sources, excluded.core_articles,
            excluded.core_originals, excluded.all_articles)
    RETURNING daily.day
)
SELECT day FROM gone UNION SELECT day FROM written ORDER BY day;

-- name: days -> Day
-- Every day that has an article.
SELECT DISTINCT article.day
FROM news.articles AS article
ORDER BY article.day;
