-- Whom does a publisher copy?
-- Pairs of publishers by the number of copies, and how long they usually take.
SELECT copy.publisher, copy.original_publisher AS copies_from, count(*) AS copies,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY copy.hours_after) AS usual_hours_after
FROM mart.duplicates AS copy
GROUP BY copy.publisher, copy.original_publisher
ORDER BY copies DESC, copy.publisher;
