-- Which countries' press writes how much about which topic?
-- Originals of the last 30 days by the publisher's country; ZZ is unknown.
SELECT daily.country,
    sum(daily.originals) FILTER (WHERE daily.topic = 'rare-earths') AS rare_earths,
    sum(daily.originals) FILTER (WHERE daily.topic = 'critical-minerals') AS critical_minerals,
    sum(daily.originals) FILTER (WHERE daily.topic = 'ukraine-negotiations') AS ukraine_negotiations,
    sum(daily.originals) FILTER (WHERE daily.topic = 'russia-sanctions') AS russia_sanctions
FROM mart.topic_daily AS daily
WHERE daily.day > now()::date - 30
GROUP BY daily.country
ORDER BY sum(daily.originals) DESC;
