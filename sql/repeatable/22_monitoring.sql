-- What a dashboard draws over time: delays, rates and outcomes by the minute or hour they fell into. Each reads only the logs
-- and columns that have an index by time, or as much of them as a week holds.

CREATE OR REPLACE VIEW mart.delays_by_hour AS
SELECT date_trunc('hour', article.created_at) AS hour,
    count(*) AS articles,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.total_s) AS median_s,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY delay.total_s) AS p95_s,
    max(delay.total_s) AS worst_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.poll_s) AS poll_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.fetch_s) AS fetch_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.extract_s) AS extract_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.tag_s) AS tag_s
FROM mart.delays AS delay
JOIN news.articles AS article USING (article_id)
WHERE article.first_seen_at > now() - interval '7 days'
GROUP BY 1;

CREATE OR REPLACE VIEW mart.outcomes_by_minute AS
SELECT date_trunc('minute', poll.at) AS minute, 'poll' AS stage, poll.outcome, count(*) AS count
FROM ops.polls AS poll
WHERE poll.at > now() - interval '7 days'
GROUP BY 1, 3
UNION ALL
SELECT date_trunc('minute', fetched.at), 'fetch', fetched.outcome, count(*)
FROM ops.fetches AS fetched
WHERE fetched.at > now() - interval '7 days'
GROUP BY 1, 3
UNION ALL
SELECT date_trunc('minute', article.created_at), 'extract', 'article', count(*)
FROM news.articles AS article
WHERE article.created_at > now() - interval '7 days'
GROUP BY 1
UNION ALL
SELECT date_trunc('minute', tagging.first_tagged_at), 'tag', 'tagged', count(*)
FROM news.article_taggings AS tagging
WHERE tagging.first_tagged_at > now() - interval '7 days'
GROUP BY 1
UNION ALL
SELECT date_trunc('minute', letter.last_at), letter.stage, 'dead: ' || letter.cause, count(*)
FROM ops.dead_letters AS letter
WHERE letter.last_at > now() - interval '7 days'
GROUP BY 1, 2, 3;
