-- One row a day, one column a topic: for a chart.
-- Days without coverage are zero; add a line for each further topic.
SELECT days.day::date,
    coalesce(sum(daily.originals) FILTER (WHERE daily.topic = 'rare-earths'), 0) AS rare_earths,
    coalesce(sum(daily.originals) FILTER (WHERE daily.topic = 'ukraine-negotiations'), 0) AS ukraine_negotiations,
    coalesce(sum(daily.originals) FILTER (WHERE daily.topic = 'russia-sanctions'), 0) AS russia_sanctions
FROM generate_series(now()::date - 29, now()::date, interval '1 day') AS days (day)
LEFT JOIN mart.topic_daily AS daily ON daily.day = days.day::date
GROUP BY days.day
ORDER BY days.day;
