-- Which feeds are in trouble, since when, and why?
-- Failing feeds first, then silent ones, in words.
SELECT health.state, health.publisher, health.url, health.failing_since, health.last_entry_at, health.why
FROM mart.feed_health AS health
WHERE health.state IN ('failing', 'silent')
ORDER BY health.state, health.failing_since NULLS LAST;
