-- name: progress -> Progress
-- How far everything has come. A feed's next poll, and an alert that waits for the hour of its digest, are not in work.
SELECT (SELECT count(*) FROM news.entries) AS entries,
    (SELECT count(*) FROM news.pages) AS pages,
    (SELECT count(*) FROM news.articles) AS articles,
    (SELECT count(*) FROM news.copies) AS copies,
    (SELECT count(*) FROM news.article_topics) AS tags,
    (SELECT count(*) FROM ops.work AS work 
     WHERE work.stage <> 'poll' AND NOT (work.stage = 'alert' AND work.due_at > now())) AS in_work,
    (SELECT count(*) FROM ops.dead_letters) AS dead,
    (SELECT count(*) FROM news.feeds AS feed WHERE feed.last_polled_at IS NOT NULL) AS feeds_polled;

-- name: articles -> ArticleLine
-- Articles with topics, proof and original: one line each.
SELECT article.url,
    article.title,
    article.language,
    article.publisher,
    article.versions,
    article.original_url,
    coalesce(string_agg(tag.topic || ' ' || tag.level, ', ' ORDER BY tag.topic), '') AS topics,
    (array_agg(tag.evidence ORDER BY tag.score DESC, tag.topic))[1] AS evidence
FROM mart.articles AS article
LEFT JOIN mart.article_topics AS tag USING (article_id)
GROUP BY article.article_id, article.url, article.title, article.language, article.publisher, article.versions,
    article.original_url, article.at
ORDER BY article.at, article.url;

-- name: outcomes -> SightingLine
-- What became of each entry's link.
SELECT sighting.link, sighting.outcome, sighting.detail
FROM mart.sightings AS sighting
ORDER BY sighting.entry_id;

-- name: delays -> DelaySummary
-- Publication to row in seconds, over articles first seen since an instant (NULL: in the last 24 hours), with the median
-- share of each stage.
SELECT count(*) AS articles,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.total_s)::float AS median_s,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY delay.total_s)::float AS p95_s,
    max(delay.total_s)::float AS worst_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.poll_s)::float AS poll_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.fetch_s)::float AS fetch_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.extract_s)::float AS extract_s,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.tag_s)::float AS tag_s
FROM mart.delays AS delay
JOIN news.articles AS article USING (article_id)
WHERE article.first_seen_at >= coalesce(%(since)s::timestamptz, now() - interval '24 hours');

-- name: feed_outcomes -> FeedLine
-- Feeds with the items of their largest document and the outcome of their last poll.
SELECT feed.url,
    feed.format,
    feed.last_outcome,
    feed.last_detail,
    (SELECT max(poll.items) FROM ops.polls AS poll WHERE poll.feed_id = feed.feed_id) AS items
FROM news.feeds AS feed
ORDER BY feed.url;

-- name: counts -> NamedCount
-- Dead letters by stage and cause, fetches by outcome, tags by topic and level: what a run came to.
SELECT 'dead: ' || letter.stage || ' ' || letter.cause AS name, count(*) AS count
FROM ops.dead_letters AS letter
GROUP BY letter.stage, letter.cause
UNION ALL
SELECT 'page: ' || coalesce(address.fetch_outcome, 'not fetched'), count(*)
FROM news.addresses AS address
WHERE EXISTS (SELECT FROM news.entries AS entry WHERE entry.address_id = address.address_id)
GROUP BY address.fetch_outcome
UNION ALL
SELECT 'no article: ' || address.no_article, count(*)
FROM news.addresses AS address
WHERE address.no_article IS NOT NULL AND address.article_id IS NULL
GROUP BY address.no_article
UNION ALL
SELECT 'articles', count(*)
FROM news.articles
UNION ALL
SELECT 'copies', count(*)
FROM news.copies
UNION ALL
SELECT 'tag: ' || topic.slug || ' ' || tag.level, count(*)
FROM news.article_topics AS tag
JOIN news.topics AS topic USING (topic_id)
GROUP BY topic.slug, tag.level
ORDER BY name;

-- name: last_errors -> LastError
-- The latest dead letters, and feeds whose last poll failed.
SELECT failure.at, failure.stage, failure.subject, failure.problem
FROM (
    SELECT letter.last_at AS at, letter.stage, coalesce(letter.subject, letter.key::text) AS subject,
        letter.cause || ': ' || letter.detail AS problem
    FROM mart.dead_letters AS letter
    UNION ALL
    SELECT feed.last_polled_at, 'poll', feed.url, concat_ws(': ', feed.last_outcome, feed.last_detail)
    FROM news.feeds AS feed
    WHERE feed.failures > 0
) AS failure
ORDER BY failure.at DESC
LIMIT %(limit)s::integer;
