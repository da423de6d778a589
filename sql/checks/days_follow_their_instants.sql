-- error hourly: an article does not count for the day (UTC) of its instant, so that rebuilds and marts look past it
SELECT article.article_id, article.at, article.day
FROM news.articles AS article
WHERE article.day <> (article.at AT TIME ZONE 'UTC')::date;
