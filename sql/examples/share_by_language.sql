-- Which share of a topic's coverage is in Russian, Ukrainian, French and English?
-- Shares of the originals of the last 30 days; the other languages together are the rest.
SELECT CASE WHEN tag.language IN ('ru', 'uk', 'fr', 'en') THEN tag.language ELSE 'other' END AS language,
    count(*) AS originals,
    round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent
FROM mart.article_topics AS tag
WHERE tag.topic = 'ukraine-negotiations' AND NOT tag.is_copy AND tag.day > now()::date - 30
GROUP BY 1
ORDER BY originals DESC;
