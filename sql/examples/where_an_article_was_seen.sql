-- In which feeds was an article seen, and where first?
-- Articles of the last seven days that more than one feed led to.
SELECT article.title, article.publisher, count(DISTINCT sighting.feed_url) AS feeds, min(sighting.first_seen_at) AS first_seen_at,
    (array_agg(sighting.feed_url ORDER BY sighting.first_seen_at))[1] AS first_feed
FROM mart.sightings AS sighting
JOIN mart.articles AS article USING (article_id)
WHERE sighting.day > now()::date - 7
GROUP BY article.article_id, article.title, article.publisher
HAVING count(DISTINCT sighting.feed_url) > 1
ORDER BY first_seen_at DESC;
