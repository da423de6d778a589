-- How long does it take from publication to the tagged row?
-- Percentiles by day in seconds, and where the time goes, in the last two weeks.
SELECT delay.day, count(*) AS articles,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.total_s))::numeric, 1) AS median_s,
    round((percentile_cont(0.95) WITHIN GROUP (ORDER BY delay.total_s))::numeric, 1) AS p95_s,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.poll_s))::numeric, 1) AS poll_s,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.fetch_s))::numeric, 1) AS fetch_s
FROM mart.delays AS delay
WHERE delay.day > now()::date - 14
GROUP BY delay.day
ORDER BY delay.day DESC;
