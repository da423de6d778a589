-- warning: half of the last hour's articles came later than NEWSWIRE_LATE_S (1 h) after their publication; `slowest` says where they waited
WITH late_after AS (
    SELECT coalesce(nullif(current_setting('newswire.late_s', true), '')::float, 3600) AS s
), hour AS (
    SELECT count(*) AS articles,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.total_s) AS median_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.poll_s) AS poll_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.fetch_s) AS fetch_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.extract_s) AS extract_s,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.tag_s) AS tag_s
    FROM mart.delays AS delay
    JOIN news.articles AS article USING (article_id)
    WHERE article.created_at > now() - interval '1 hour' AND delay.total_s IS NOT NULL
        AND delay.day > current_date - 8  -- what is younger than an hour is of these days; they are found by an index
)
SELECT hour.articles, round(hour.median_s)::integer AS median_s, late_after.s AS late_after_s,
    (SELECT share.stage
        FROM (VALUES ('poll', hour.poll_s), ('fetch', hour.fetch_s), ('extract', hour.extract_s), ('tag', hour.tag_s))
            AS share (stage, s)
        ORDER BY share.s DESC NULLS LAST
        LIMIT 1) AS slowest
FROM hour
CROSS JOIN late_after
WHERE hour.articles >= 5 AND hour.median_s > late_after.s;  -- a handful says more of its publishers than of us
