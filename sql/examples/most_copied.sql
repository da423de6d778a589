-- Which articles were copied most?
-- The originals of the last 30 days by the number of their copies, which are never older, and of the publishers that took them.
SELECT original.title, original.publisher, original.at, count(*) AS copies, count(DISTINCT copy.publisher) AS publishers, original.url
FROM mart.duplicates AS copy
JOIN mart.articles AS original ON original.article_id = copy.original_id
WHERE copy.day > now()::date - 30 AND original.day > now()::date - 30
GROUP BY original.article_id, original.title, original.publisher, original.at, original.url
ORDER BY copies DESC, original.at
LIMIT 50;
