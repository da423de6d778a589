-- name: subscribe -> SubscribedFeed
-- Add feeds, or bring what is said of known ones up to date; each has exactly one poll row from now on.
WITH wanted AS (
    SELECT *
    FROM unnest(
        %(feed_keys)s::bytea[], %(urls)s::text[], %(hosts)s::text[], %(titles)s::text[], %(domains)s::text[],
        %(languages)s::text[], %(groups)s::jsonb[], %(tags)s::jsonb[], %(owners)s::text[], %(notes)s::text[]
    ) AS wanted (feed_key, url, host, title, domain, language, groups, tags, owner, note)
), feed AS (
    INSERT INTO news.feeds AS feed (
        feed_key, url, host, title, publisher_id, interval_s, language, groups, tags, owner, note
    )
    SELECT wanted.feed_key, wanted.url, wanted.host, wanted.title, publisher.publisher_id, %(interval_s)s::integer,
        wanted.language, ARRAY(SELECT jsonb_array_elements_text(wanted.groups)),
        ARRAY(SELECT jsonb_array_elements_text(wanted.tags)), wanted.owner, wanted.note
    FROM wanted
    JOIN news.publishers AS publisher ON publisher.domain = wanted.domain
    ORDER BY wanted.feed_key
    ON CONFLICT (feed_key) DO UPDATE
    SET title = coalesce(excluded.title, feed.title),
        publisher_id = excluded.publisher_id,
        language = coalesce(excluded.language, feed.language),
        groups = CASE WHEN %(replace)s::boolean THEN excluded.groups ELSE news.united(feed.groups, excluded.groups) END,
        tags = CASE WHEN %(replace)s::boolean THEN excluded.tags ELSE news.united(feed.tags, excluded.tags) END,
        owner = coalesce(excluded.owner, feed.owner),
        note = coalesce(excluded.note, feed.note)
    RETURNING feed.feed_id, feed.url, feed.host, feed.xmax = 0 AS is_new
), asked AS MATERIALIZED (
    SELECT ops.ask('poll', coalesce(array_agg(feed.feed_id), '{}'), coalesce(array_agg(feed.host), '{}'))
    FROM feed
    WHERE feed.is_new
)
SELECT feed.feed_id, feed.url, feed.is_new
FROM feed
CROSS JOIN asked
ORDER BY feed.feed_id;

-- name: known_domains -> KnownFeed
-- Whose these feeds are, as far as they are known.
SELECT feed.feed_key, publisher.domain
FROM news.feeds AS feed
JOIN news.publishers AS publisher USING (publisher_id)
WHERE feed.feed_key = ANY (%(feed_keys)s::bytea[]);

-- name: in_group -> FeedUrl
-- The feeds of a group and of the groups within it.
SELECT feed.url
FROM news.feeds AS feed
WHERE EXISTS (
    SELECT FROM unnest(feed.groups) AS member (name)
    WHERE member.name = %(group_name)s::text OR starts_with(member.name, %(group_name)s::text || '/')
)
ORDER BY feed.url;

-- name: subscriptions -> Subscription
-- All feeds with what people said of them and of their publishers: what another warehouse needs to have the same.
SELECT feed.url,
    feed.title,
    CASE WHEN publisher.name_from IN ('user', 'starter') THEN publisher.name END AS publisher,
    publisher.domain,
    CASE WHEN publisher.country_from IN ('user', 'starter') THEN publisher.country END AS country,
    feed.language,
    CASE WHEN publisher.kind_from IN ('user', 'starter') THEN publisher.kind END AS kind,
    feed.groups,
    feed.tags,
    feed.owner,
    feed.note
FROM news.feeds AS feed
JOIN news.publishers AS publisher USING (publisher_id)
ORDER BY feed.url;

-- name: health -> FeedHealth
-- How these feeds are (NULL: all feeds).
SELECT health.url,
    health.title,
    health.publisher,
    health.groups,
    health.tags,
    health.state,
    health.why,
    health.failing_since,
    health.last_success_at,
    health.next_poll_at,
    health.entries,
    health.entries_7d,
    health.expected_7d
FROM mart.feed_health AS health
WHERE %(feed_keys)s::bytea[] IS NULL
    OR health.feed_id IN (SELECT feed.feed_id FROM news.feeds AS feed WHERE feed.feed_key = ANY (%(feed_keys)s::bytea[]))
ORDER BY health.url;

-- name: poll_now -> SubscribedFeed
-- Make feeds due at once.
WITH feed AS (
    SELECT feed.feed_id, feed.url, feed.host
    FROM news.feeds AS feed
    WHERE feed.feed_key = ANY (%(feed_keys)s::bytea[]) AND NOT feed.paused
), asked AS MATERIALIZED (
    SELECT ops.ask('poll', coalesce(array_agg(feed.feed_id), '{}'), coalesce(array_agg(feed.host), '{}')) FROM feed
)
SELECT feed.feed_id, feed.url, false AS is_new
FROM feed
CROSS JOIN asked;

-- name: pause
-- A paused feed keeps its poll row, at infinity; resuming makes it due.
WITH feed AS (
    UPDATE news.feeds AS feed
    SET paused = %(paused)s::boolean
    WHERE feed.feed_key = ANY (%(feed_keys)s::bytea[])
    RETURNING feed.feed_id
)
UPDATE ops.work AS work
SET due_at = CASE WHEN %(paused)s::boolean THEN 'infinity'::timestamptz ELSE statement_timestamp() END
FROM feed
WHERE work.stage = 'poll' AND work.key = feed.feed_id;

-- name: due -> DueFeed
-- What a poll needs to know of these feeds.
SELECT feed.feed_id,
    feed.url,
    feed.host,
    feed.etag,
    feed.last_modified,
    feed.body_sha256,
    feed.failures,
    feed.interval_s
FROM news.feeds AS feed
WHERE feed.feed_id = ANY (%(keys)s::bigint[]) AND NOT feed.paused
ORDER BY feed.feed_id;

-- name: record_polls
-- The state each feed has from now on (validators move together with the entries they stand for), and a line in the log.
WITH polled AS (
    SELECT *
    FROM unnest(
        %(feed_ids)s::bigint[], %(outcomes)s::text[], %(details)s::text[], %(statuses)s::smallint[], %(etags)s::text[],
        %(last_modifieds)s::text[], %(body_sha256s)s::bytea[], %(failures)s::integer[], %(intervals_s)s::integer[],
        %(formats)s::text[], %(titles)s::text[], %(languages)s::text[], %(items)s::integer[], %(new_entries)s::integer[],
        %(revised_entries)s::integer[], %(wire_bytes)s::integer[], %(seconds)s::real[]
    ) AS polled (
        feed_id, outcome, detail, status, etag, last_modified, body_sha256, failures, interval_s, format, title, language,
        items, new_entries, revised_entries, wire_bytes, seconds
    )
), logged AS (
    INSERT INTO ops.polls (feed_id, outcome, status, items, new_entries, revised_entries, wire_bytes, seconds, detail)
    SELECT polled.feed_id, polled.outcome, polled.status, polled.items, polled.new_entries, polled.revised_entries,
        polled.wire_bytes, polled.seconds, polled.detail
    FROM polled
)
UPDATE news.feeds AS feed
SET etag = polled.etag,
    last_modified = polled.last_modified,
    body_sha256 = polled.body_sha256,
    failures = polled.failures,
    interval_s = polled.interval_s,
    format = coalesce(polled.format, feed.format),
    title = coalesce(feed.title, polled.title),
    language = coalesce(feed.language, polled.language),
    last_outcome = polled.outcome,
    last_detail = polled.detail,
    last_polled_at = statement_timestamp(),
    last_changed_at = CASE WHEN polled.new_entries + polled.revised_entries > 0 THEN statement_timestamp()
        ELSE feed.last_changed_at END
FROM polled
WHERE feed.feed_id = polled.feed_id;
