-- Which topics come up in the same articles?
-- Pairs of topics by the originals of the last 30 days that have both.
SELECT one.topic, other.topic AS with_topic, count(*) AS originals
FROM mart.article_topics AS one
JOIN mart.article_topics AS other USING (article_id)
WHERE one.topic < other.topic AND NOT one.is_copy AND one.day > now()::date - 30 AND other.day > now()::date - 30
GROUP BY one.topic, other.topic
ORDER BY originals DESC, one.topic, other.topic;
