-- At which hours (UTC) is news of a topic published?
-- Only articles of the last 30 days whose publication names its hour.
SELECT extract(hour FROM article.published_at AT TIME ZONE 'UTC')::integer AS hour, count(*) AS articles
FROM mart.article_topics AS tag
JOIN mart.articles AS article USING (article_id)
WHERE tag.topic = 'ukraine-negotiations' AND tag.day > now()::date - 30 AND article.published_at IS NOT NULL
GROUP BY 1
ORDER BY 1;
