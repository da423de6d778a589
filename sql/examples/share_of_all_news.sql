-- Which share of all that is published is about a topic?
-- Originals of the topic over all originals of the day.
SELECT every.day, coalesce(topic.originals, 0) AS originals, every.originals AS of_all,
    round(100.0 * coalesce(topic.originals, 0) / every.originals, 2) AS percent
FROM (
    SELECT article.day, count(*) AS originals
    FROM mart.articles AS article
    WHERE NOT article.is_copy AND article.day > now()::date - 30
    GROUP BY article.day
) AS every
LEFT JOIN (
    SELECT daily.day, sum(daily.originals) AS originals
    FROM mart.topic_daily AS daily
    WHERE daily.topic = 'rare-earths'
    GROUP BY daily.day
) AS topic ON topic.day = every.day
ORDER BY every.day DESC;
