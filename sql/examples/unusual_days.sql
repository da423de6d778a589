-- On which days was there unusually much, or little, about a topic?
-- A day is unusual when it is more than five times the usual deviation (the median one) from the median of the 28 days before; below ten articles nothing is unusual.
WITH daily AS (
    SELECT days.day::date AS day, coalesce(sum(rollup.originals), 0) AS originals
    FROM generate_series(now()::date - 120, now()::date, interval '1 day') AS days (day)
    LEFT JOIN mart.topic_daily AS rollup ON rollup.day = days.day::date AND rollup.topic = 'ukraine-negotiations'
    GROUP BY days.day
), judged AS (
    SELECT today.day, today.originals, before.median,
        (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(past.originals - before.median))
         FROM daily AS past WHERE past.day BETWEEN today.day - 28 AND today.day - 1) AS deviation
    FROM daily AS today
    CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY past.originals) AS median
        FROM daily AS past
        WHERE past.day BETWEEN today.day - 28 AND today.day - 1
    ) AS before
)
SELECT judged.day, judged.originals, judged.median AS usual
FROM judged
WHERE greatest(judged.originals, judged.median) >= 10 AND abs(judged.originals - judged.median) > 5 * greatest(judged.deviation, 1)
ORDER BY judged.day DESC;
