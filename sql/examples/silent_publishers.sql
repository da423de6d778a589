-- Which publishers have fallen silent?
-- Nothing for a week, although they wrote at least twice in the four weeks before.
SELECT article.publisher, article.domain, count(*) AS articles, max(article.at) AS last_at
FROM mart.articles AS article
WHERE article.day BETWEEN now()::date - 35 AND now()::date
GROUP BY article.publisher, article.domain
HAVING count(*) >= 2 AND max(article.day) < now()::date - 7
ORDER BY last_at;
