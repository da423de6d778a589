-- name: offer
-- A good file: what it says is in force at once. Another question begins now; the same one goes on from where it was.
INSERT INTO ops.alerts AS alert (name, file_sha256, definition, looks_at, condition_sha256, since, looked_to)
VALUES (%(name)s::text, %(file_sha256)s::bytea, %(definition)s::text, %(looks_at)s::text, %(condition_sha256)s::bytea,
    statement_timestamp(), statement_timestamp())
ON CONFLICT (name) DO UPDATE
SET file_sha256 = excluded.file_sha256, problem = NULL, definition = excluded.definition, looks_at = excluded.looks_at,
    condition_sha256 = excluded.condition_sha256,
    since = CASE WHEN alert.looks_at IS NULL OR alert.condition_sha256 IS DISTINCT FROM excluded.condition_sha256
        THEN excluded.since ELSE alert.since END,
    looked_to = CASE WHEN alert.looks_at IS NULL OR alert.condition_sha256 IS DISTINCT FROM excluded.condition_sha256
        THEN excluded.looked_to ELSE alert.looked_to END;

-- name: report_problem
-- A file that cannot be used: the last good version stays in force, and the problem is there to be read.
INSERT INTO ops.alerts AS alert (name, file_sha256, problem)
VALUES (%(name)s::text, %(file_sha256)s::bytea, %(problem)s::text)
ON CONFLICT (name) DO UPDATE SET file_sha256 = excluded.file_sha256, problem = excluded.problem;

-- name: withdraw
-- Alerts whose file is gone look for nothing more; messages that were made are sent all the same.
UPDATE ops.alerts AS alert
SET definition = NULL, looks_at = NULL, problem = NULL, file_sha256 = NULL
WHERE NOT alert.name = ANY (%(names)s::text[]) AND alert.file_sha256 IS NOT NULL;

-- name: files -> AlertFile
-- The files as they were last read, good or bad.
SELECT alert.name, alert.file_sha256
FROM ops.alerts AS alert
WHERE alert.file_sha256 IS NOT NULL
ORDER BY alert.name;

-- name: listed -> AlertLine
SELECT alert.name,
    alert.definition,
    alert.problem,
    alert.looks_at,
    alert.since,
    (SELECT count(*)::integer FROM ops.alert_notices AS notice WHERE notice.alert_id = alert.alert_id) AS told,
    (SELECT max(notice.found_at) FROM ops.alert_notices AS notice WHERE notice.alert_id = alert.alert_id) AS last_told_at
FROM ops.alerts AS alert
WHERE alert.file_sha256 IS NOT NULL
ORDER BY alert.name;

-- name: ask
-- Have every alert look that new articles, or the clock, concern. Where there is none, nothing is asked and nobody is woken.
SELECT ops.ask('alert', array_agg(alert.alert_id))
FROM ops.alerts AS alert
WHERE alert.looks_at = %(looks_at)s::text
HAVING count(*) > 0;

-- name: in_force -> AlertInForce
-- The alerts of these keys that look for something. What waits for one that was switched off waits until it is on again.
SELECT alert.alert_id,
    alert.name,
    alert.definition,
    alert.since,
    alert.looked_to,
    (SELECT max(notice.found_at) FROM ops.alert_notices AS notice WHERE notice.alert_id = alert.alert_id) AS last_found_at
FROM ops.alerts AS alert
WHERE alert.alert_id = ANY (%(alert_ids)s::bigint[]) AND alert.looks_at IS NOT NULL
ORDER BY alert.alert_id;

-- name: looked
UPDATE ops.alerts AS alert
SET looked_to = greatest(alert.looked_to, %(looked_to)s::timestamptz)
WHERE alert.alert_id = %(alert_id)s::bigint;

-- name: tagged -> FoundArticle
-- Articles that got a tag since an instant and are not older than another one, once for each topic. What is new is chosen
-- first; the view is then asked for one article after the other (OFFSET 0: joined, it would look at all of them).
WITH wanted AS MATERIALIZED (
    SELECT family.topic_id
    FROM news.topic_family AS family
    JOIN news.topics AS topic ON topic.topic_id = family.ancestor_id
    WHERE topic.slug = ANY (%(topics)s::text[])
), fresh AS MATERIALIZED (
    SELECT tag.article_id
    FROM news.article_topics AS tag
    WHERE tag.valid_from >= %(tagged_since)s::timestamptz AND tag.topic_id IN (SELECT wanted.topic_id FROM wanted)
    UNION
    SELECT said.article_id
    FROM news.topic_overrides AS said
    WHERE said.valid_from >= %(tagged_since)s::timestamptz AND said.topic_id IN (SELECT wanted.topic_id FROM wanted)
)
SELECT tag.article_id,
    tag.url,
    tag.title,
    tag.language,
    tag.publisher,
    tag.country,
    tag.at,
    tag.is_copy,
    tag.topic,
    tag.level,
    tag.score::float AS score,
    tag.evidence
FROM fresh
JOIN news.articles AS article USING (article_id)
CROSS JOIN LATERAL (
    SELECT every.article_id, every.url, every.title, every.language, every.publisher, every.country, every.at, every.is_copy,
        every.topic, every.level, every.score, every.evidence, every.tagged_at
    FROM mart.article_topics AS every
    WHERE every.article_id = fresh.article_id
    OFFSET 0
) AS tag
WHERE tag.tagged_at >= %(tagged_since)s::timestamptz
    AND tag.topic = ANY (%(topics)s::text[])
    AND coalesce(article.published_at, article.first_seen_at) >= %(published_since)s::timestamptz
    AND (NOT %(core_only)s::boolean OR tag.level = 'core')
    AND (%(copies)s::boolean OR NOT tag.is_copy)
    AND (%(languages)s::text[] = '{}' OR tag.language = ANY (%(languages)s::text[])
        OR split_part(tag.language, '-', 1) = ANY (%(languages)s::text[]))
    AND (%(countries)s::text[] = '{}' OR tag.country = ANY (%(countries)s::text[]))
ORDER BY tag.at, tag.article_id, tag.topic;

-- name: searched -> FoundArticle
-- Articles whose text (or tag, where topics are asked for) is new since an instant and that a saved search finds, with the
-- words around the hit; of these topics (empty: of any or none).
WITH fresh AS MATERIALIZED (
    SELECT version.article_id
    FROM news.article_versions AS version
    WHERE version.created_at >= %(tagged_since)s::timestamptz
    UNION
    SELECT tag.article_id
    FROM news.article_topics AS tag
    WHERE tag.valid_from >= %(tagged_since)s::timestamptz AND %(topics)s::text[] <> '{}'
), hits AS MATERIALIZED (
    SELECT document.article_id, document.dialect, asked.words
    FROM news.search_documents AS document
    CROSS JOIN LATERAL (SELECT news.search_query(%(query)s::text, document.dialect) AS words) AS asked
    WHERE document.article_id = ANY (ARRAY(SELECT fresh.article_id FROM fresh))
        AND numnode(asked.words) > 0 AND document.document @@ asked.words
)
SELECT article.article_id,
    article.url,
    article.title,
    article.language,
    article.publisher,
    article.country,
    article.at,
    article.is_copy,
    tag.topic,
    tag.level,
    coalesce(tag.score, 0)::float AS score,
    news.search_headline(article.title, article.text, %(query)s::text, hits.words, hits.dialect) AS evidence
FROM hits
CROSS JOIN LATERAL (
    SELECT every.article_id, every.url, every.title, every.language, every.publisher, every.country, every.at, every.is_copy,
        every.text, every.published_at, every.first_seen_at
    FROM mart.articles AS every
    WHERE every.article_id = hits.article_id
    OFFSET 0
) AS article
LEFT JOIN LATERAL (
    SELECT every.topic, every.level, every.score
    FROM mart.article_topics AS every
    WHERE every.article_id = hits.article_id AND %(topics)s::text[] <> '{}'
    OFFSET 0
) AS tag ON tag.topic = ANY (%(topics)s::text[]) AND (NOT %(core_only)s::boolean OR tag.level = 'core')
WHERE (%(topics)s::text[] = '{}' OR tag.topic IS NOT NULL)
    AND coalesce(article.published_at, article.first_seen_at) >= %(published_since)s::timestamptz
    AND (%(copies)s::boolean OR NOT article.is_copy)
    AND (%(languages)s::text[] = '{}' OR article.language = ANY (%(languages)s::text[])
        OR split_part(article.language, '-', 1) = ANY (%(languages)s::text[]))
    AND (%(countries)s::text[] = '{}' OR article.country = ANY (%(countries)s::text[]))
ORDER BY article.at, article.article_id, tag.topic;

-- name: days -> DayCount
-- Originals of each day since one, of a topic (NULL: of everything). Only days on which the pipeline was there: what came
-- before its first whole day is unknown, not zero.
WITH began AS (
    SELECT (article.first_seen_at AT TIME ZONE 'UTC')::date + 1 AS day
    FROM news.articles AS article
    WHERE article.seen_by = 'live'
    ORDER BY article.article_id
    LIMIT 1
), counted AS (
    SELECT daily.day, sum(daily.originals)::integer AS count
    FROM mart.topic_daily AS daily
    WHERE daily.topic = %(topic)s::text AND daily.day >= %(since)s::date
    GROUP BY daily.day
    UNION ALL
    SELECT article.day, count(*)::integer
    FROM news.articles AS article
    WHERE %(topic)s::text IS NULL AND article.day >= %(since)s::date
        AND NOT EXISTS (SELECT FROM news.copies AS copy WHERE copy.article_id = article.article_id)
    GROUP BY article.day
)
SELECT days.day::date AS day, coalesce(counted.count, 0) AS count
FROM began
CROSS JOIN generate_series(greatest(%(since)s::date, began.day), (now() AT TIME ZONE 'UTC')::date, interval '1 day') AS days (day)
LEFT JOIN counted ON counted.day = days.day::date
ORDER BY days.day;

-- name: troubled_feeds -> TroubledFeed
SELECT feed.url,
    feed.title,
    feed.publisher,
    feed.state,
    feed.why,
    coalesce(CASE feed.state WHEN 'failing' THEN feed.failing_since ELSE feed.last_entry_at END, feed.last_polled_at) AS since
FROM mart.feed_health AS feed
WHERE feed.state = ANY (%(states)s::text[])
    AND (%(groups)s::text[] = '{}' OR feed.groups && %(groups)s::text[])
    AND (feed.state <> 'failing' OR feed.failing_since <= now() - make_interval(secs => %(hours)s::float * 3600))
ORDER BY feed.url;

-- name: late -> LateCount
-- How long the articles of the last minutes took from publication to row.
SELECT count(*)::integer AS articles,
    (count(*) FILTER (WHERE delay.total_s > %(above_s)s::float))::integer AS late,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY delay.total_s)::float AS median_s,
    max(delay.total_s)::float AS worst_s
FROM news.articles AS article
JOIN mart.delays AS delay USING (article_id)
WHERE article.created_at > now() - make_interval(mins => %(within_min)s::integer)
    AND article.day >= (now() - make_interval(mins => %(within_min)s::integer))::date - 8  -- a day lies at most a week back: the index
    AND delay.total_s IS NOT NULL;

-- name: known -> NoticeKey
-- Those of these notices that were found before.
SELECT notice.notice_key
FROM ops.alert_notices AS notice
WHERE notice.notice_key = ANY (%(notice_keys)s::bytea[]);

-- name: waiting -> WaitingNotice
-- What an alert has found and no message tells yet.
SELECT notice.notice_key, notice.found_at, notice.told
FROM ops.alert_notices AS notice
WHERE notice.alert_id = %(alert_id)s::bigint AND notice.message_id IS NULL
ORDER BY notice.found_at, notice.notice_key;

-- name: recent -> MessageTime
SELECT message.made_at
FROM ops.alert_messages AS message
WHERE message.alert_id = %(alert_id)s::bigint AND message.made_at > now() - interval '1 hour'
ORDER BY message.made_at;

-- name: keep_notices
INSERT INTO ops.alert_notices (notice_key, alert_id, article_id, found_at, told)
SELECT found.notice_key, %(alert_id)s::bigint, found.article_id, %(found_at)s::timestamptz, found.told
FROM unnest(%(notice_keys)s::bytea[], %(article_ids)s::bigint[], %(tolds)s::jsonb[])
    AS found (notice_key, article_id, told)
ON CONFLICT (notice_key) DO NOTHING;

-- name: make_message -> DeliveryKey
-- A message, its notices told, one delivery for each channel.
WITH message AS (
    INSERT INTO ops.alert_messages (webhook_id, alert_id, made_at, title, plain, body, notices)
    VALUES (%(webhook_id)s::text, %(alert_id)s::bigint, %(made_at)s::timestamptz, %(title)s::text, %(plain)s::text,
        %(body)s::text, cardinality(%(notice_keys)s::bytea[]))
    RETURNING message_id
), delivery AS (
    INSERT INTO ops.alert_deliveries AS delivery (message_id, place, channel)
    SELECT message.message_id, channel.place, channel.said
    FROM message
    CROSS JOIN unnest(%(places)s::text[], %(channels)s::jsonb[]) AS channel (place, said)
    RETURNING delivery.delivery_id, delivery.place
)
SELECT delivery.delivery_id, delivery.place
FROM delivery
ORDER BY delivery.delivery_id;

-- name: tell_notices
UPDATE ops.alert_notices AS notice
SET message_id = message.message_id
FROM ops.alert_messages AS message
WHERE message.webhook_id = %(webhook_id)s::text AND notice.notice_key = ANY (%(notice_keys)s::bytea[]);

-- name: deliveries -> Delivery
SELECT delivery.delivery_id, message.webhook_id, message.title, message.plain, message.body, delivery.channel, delivery.place
FROM ops.alert_deliveries AS delivery
JOIN ops.alert_messages AS message USING (message_id)
WHERE delivery.delivery_id = ANY (%(delivery_ids)s::bigint[]) AND delivery.sent_at IS NULL
ORDER BY delivery.delivery_id;

-- name: note_answers
-- How each try ended. A try that died before it was noted was counted when it was claimed.
UPDATE ops.alert_deliveries AS delivery
SET attempts = greatest(delivery.attempts + 1, answered.attempts), answer = answered.answer, tried_at = clock_timestamp(),
    sent_at = CASE WHEN answered.is_sent THEN clock_timestamp() END
FROM unnest(%(delivery_ids)s::bigint[], %(attempts)s::integer[], %(answers)s::text[], %(are_sent)s::boolean[])
    AS answered (delivery_id, attempts, answer, is_sent)
WHERE delivery.delivery_id = answered.delivery_id;

-- name: log -> AlertLogLine
-- What was sent lately, newest first: of an alert (NULL: of all).
SELECT sent.made_at,
    sent.alert,
    sent.webhook_id,
    sent.title,
    sent.notices,
    sent.channel,
    sent.state,
    sent.attempts,
    sent.answer,
    sent.sent_at
FROM mart.alerts AS sent
WHERE %(alert)s::text IS NULL OR sent.alert = %(alert)s::text
ORDER BY sent.made_at DESC, sent.webhook_id, sent.channel
LIMIT %(limit)s::integer;
