-- How much is written about each topic, week by week?
-- From the rollup of days: articles, originals and those that are about it at their core.
SELECT date_trunc('week', daily.day)::date AS week, daily.topic, sum(daily.articles) AS articles, sum(daily.originals) AS originals,
    sum(daily.core_originals) AS core_originals
FROM mart.topic_daily AS daily
GROUP BY 1, 2
ORDER BY 1 DESC, originals DESC;
