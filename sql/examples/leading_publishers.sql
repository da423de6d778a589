-- Who writes most about a topic, in their own words?
-- Originals and copies of each publisher, and the share of their own, in the last 90 days.
SELECT article.publisher, article.country, count(*) AS articles, count(*) FILTER (WHERE NOT tag.is_copy) AS originals,
    round(100.0 * count(*) FILTER (WHERE NOT tag.is_copy) / count(*), 0) AS percent_own
FROM mart.article_topics AS tag
JOIN mart.articles AS article USING (article_id)
WHERE tag.topic = 'rare-earths' AND tag.day > now()::date - 90
GROUP BY article.publisher, article.country
ORDER BY originals DESC, article.publisher
LIMIT 50;
