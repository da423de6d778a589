-- Whom does a publisher copy?
-- Pairs of publishers by the number of copies, and how long they usually take, in the last 30 days.
SELECT copy.publisher, copy.original_publisher AS copies_from, count(*) AS copies,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY copy.hours_after) AS usual_hours_after
FROM mart.duplicates AS copy
WHERE copy.day > now()::date - 30
GROUP BY copy.publisher, copy.original_publisher
ORDER BY copies DESC, copy.publisher;
