-- name: subscribe -> SubscribedFeed
-- Add feeds, or bring what is said of known ones up to date; each has exactly one poll row from now on. An address that a
-- known feed has moved to is that feed; a feed that was removed is found again, with all it brought, and counts as new.
WITH wanted AS (
    SELECT DISTINCT ON (feed_key) ops.stands_for(wanted.address_key) AS feed_key, wanted.url, wanted.host, wanted.title,
        wanted.domain, wanted.language, wanted.groups, wanted.tags, wanted.owner, wanted.note, wanted.connection
    FROM unnest(
        %(feed_keys)s::bytea[], %(urls)s::text[], %(hosts)s::text[], %(titles)s::text[], %(domains)s::text[],
        %(languages)s::text[], %(groups)s::jsonb[], %(tags)s::jsonb[], %(owners)s::text[], %(notes)s::text[],
        %(connections)s::text[]
    ) AS wanted (address_key, url, host, title, domain, language, groups, tags, owner, note, connection)
), removed AS MATERIALIZED (
    SELECT feed.feed_id
    FROM wanted
    JOIN news.feeds AS feed USING (feed_key)
    WHERE feed.removed_at IS NOT NULL
), feed AS (
    INSERT INTO news.feeds AS feed (
        feed_key, url, host, title, publisher_id, interval_s, language, groups, tags, owner, note, connection
    )
    SELECT wanted.feed_key, wanted.url, wanted.host, wanted.title, publisher.publisher_id, %(interval_s)s::integer,
        wanted.language, ARRAY(SELECT jsonb_array_elements_text(wanted.groups)),
        ARRAY(SELECT jsonb_array_elements_text(wanted.tags)), wanted.owner, wanted.note, wanted.connection
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
        note = coalesce(excluded.note, feed.note),
        connection = coalesce(excluded.connection, feed.connection),
        removed_at = NULL
    RETURNING feed.feed_id, feed.url, feed.host,
        feed.xmax = 0 OR feed.feed_id IN (SELECT removed.feed_id FROM removed) AS is_new
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
-- Whose these feeds are, as far as they are known, and whether they were removed.
SELECT asked.key AS feed_key, publisher.domain, feed.removed_at IS NOT NULL AS is_removed
FROM unnest(%(feed_keys)s::bytea[]) AS asked (key)
JOIN news.feeds AS feed ON feed.feed_key = ops.stands_for(asked.key)
JOIN news.publishers AS publisher USING (publisher_id);

-- name: in_group -> FeedUrl
-- The feeds of a group and of the groups within it.
SELECT feed.url
FROM news.feeds AS feed
WHERE feed.removed_at IS NULL AND EXISTS (
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
    feed.note,
    feed.connection
FROM news.feeds AS feed
JOIN news.publishers AS publisher USING (publisher_id)
WHERE feed.removed_at IS NULL
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
    health.expected_7d,
    health.retries,
    health.overflows_28d,
    health.hidden_304s,
    health.discovery_delay_s,
    health.bytes_saved_28d,
    health.connection
FROM mart.feed_health AS health
WHERE %(feed_keys)s::bytea[] IS NULL
    OR health.feed_id IN (
        SELECT feed.feed_id
        FROM news.feeds AS feed
        WHERE feed.feed_key IN (SELECT ops.stands_for(key) FROM unnest(%(feed_keys)s::bytea[]) AS key))
ORDER BY health.url;

-- name: poll_now -> SubscribedFeed
-- Make feeds due at once, but none that was asked within the last minute: impatience is no reason to annoy a server.
WITH feed AS (
    SELECT feed.feed_id, feed.url, feed.host
    FROM news.feeds AS feed
    WHERE feed.feed_key IN (SELECT ops.stands_for(key) FROM unnest(%(feed_keys)s::bytea[]) AS key)
        AND NOT feed.paused AND feed.removed_at IS NULL
        AND coalesce(feed.last_polled_at, '-infinity') < statement_timestamp() - interval '1 minute'
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
    WHERE feed.feed_key IN (SELECT ops.stands_for(key) FROM unnest(%(feed_keys)s::bytea[]) AS key)
    RETURNING feed.feed_id
)
UPDATE ops.work AS work
SET due_at = CASE WHEN %(paused)s::boolean THEN 'infinity'::timestamptz ELSE statement_timestamp() END
FROM feed
WHERE work.stage = 'poll' AND work.key = feed.feed_id;

-- name: remove -> FeedUrl
-- Polled no more: the poll row goes, and what a next document would be compared with. Entries, articles, and all that is known
-- of the feed stay; subscribing again finds it.
WITH feed AS (
    UPDATE news.feeds AS feed
    SET removed_at = statement_timestamp(), etag = NULL, last_modified = NULL, body_sha256 = NULL, rate_at = NULL,
        failures = 0, failure_score = 0, failing_since = NULL, last_detail = NULL, ask_whole = false, paused = false,
        hub_url = NULL, topic_url = NULL
    WHERE feed.feed_key IN (SELECT ops.stands_for(key) FROM unnest(%(feed_keys)s::bytea[]) AS key)
        AND feed.removed_at IS NULL
    RETURNING feed.feed_id, feed.url
), idle AS (
    DELETE FROM ops.work AS work USING feed WHERE work.stage = 'poll' AND work.key = feed.feed_id
), buried AS (
    DELETE FROM ops.dead_letters AS letter USING feed WHERE letter.stage = 'poll' AND letter.key = feed.feed_id
), forgotten AS (
    DELETE FROM news.feed_memories AS memory USING feed WHERE memory.feed_id = feed.feed_id
)
SELECT feed.url
FROM feed
ORDER BY feed.url;

-- name: due -> DueFeed
-- What a poll needs to know of these feeds.
SELECT feed.feed_id,
    feed.url,
    feed.host,
    feed.etag,
    feed.last_modified,
    feed.body_sha256,
    feed.interval_s,
    feed.failures,
    feed.failure_score,
    feed.rate_items,
    feed.rate_days,
    feed.rate_hours,
    feed.rate_squares,
    feed.rate_at,
    feed.window_items,
    feed.max_age_s,
    feed.ttl_s,
    feed.skip_hours,
    feed.skip_days,
    feed.last_polled_at,
    feed.last_whole_at,
    feed.ask_whole,
    feed.validator_trust,
    feed.connection,
    move.url AS moved_to,
    move.first_seen_at AS moved_since,
    coalesce(move.sightings, 0) AS moved_sightings,
    feed.hub_url,
    feed.topic_url,
    lease.since AS push_since,
    lease.until AS push_until,
    coalesce(pushed.seen, 0) AS push_seen,
    coalesce(polled.missed, 0) AS push_missed
FROM news.feeds AS feed
CROSS JOIN LATERAL (
    SELECT min(subscribed.verified_at) AS since, max(subscribed.lease_until) AS until
    FROM ops.hub_subscriptions AS subscribed
    WHERE subscribed.feed_id = feed.feed_id AND subscribed.state = 'verified'
        AND subscribed.lease_until > statement_timestamp()
) AS lease
LEFT JOIN LATERAL (
    SELECT sum(push.new_entries)::integer AS seen
    FROM ops.pushes AS push
    WHERE push.feed_id = feed.feed_id AND push.at > statement_timestamp() - interval '14 days'
) AS pushed ON lease.until IS NOT NULL
LEFT JOIN LATERAL (
    SELECT sum(poll.push_missed)::integer AS missed
    FROM ops.polls AS poll
    WHERE poll.feed_id = feed.feed_id AND poll.at > statement_timestamp() - interval '14 days'
) AS polled ON lease.until IS NOT NULL
LEFT JOIN LATERAL (
    SELECT seen.url, seen.first_seen_at, seen.sightings
    FROM news.feed_url_history AS seen
    WHERE seen.feed_id = feed.feed_id AND seen.url <> feed.url AND seen.sightings > 0
    ORDER BY seen.last_seen_at DESC
    LIMIT 1
) AS move ON true
WHERE feed.feed_id = ANY (%(keys)s::bigint[]) AND NOT feed.paused AND feed.removed_at IS NULL
ORDER BY feed.feed_id;

-- name: record_polls
-- The state each feed has from now on (validators move together with the entries they stand for), and a line in the log.
WITH polled AS (
    SELECT *
    FROM unnest(
        %(feed_ids)s::bigint[], %(outcomes)s::text[], %(details)s::text[], %(statuses)s::smallint[], %(etags)s::text[],
        %(last_modifieds)s::text[], %(body_sha256s)s::bytea[], %(failures)s::integer[], %(intervals_s)s::integer[],
        %(formats)s::text[], %(titles)s::text[], %(languages)s::text[], %(items)s::integer[], %(new_entries)s::integer[],
        %(revised_entries)s::integer[], %(wire_bytes)s::integer[], %(seconds)s::real[], %(failure_scores)s::float[],
        %(rate_items)s::float[], %(rate_days)s::float[], %(rate_hours)s::text[], %(rate_squares)s::float[], %(rate_ats)s::timestamptz[],
        %(window_items)s::integer[], %(overflowed)s::boolean[], %(max_ages_s)s::integer[], %(ttls_s)s::integer[],
        %(skip_hours)s::integer[], %(skip_days)s::integer[], %(last_whole_ats)s::timestamptz[], %(ask_wholes)s::boolean[],
        %(validator_trusts)s::integer[], %(hub_urls)s::text[], %(topic_urls)s::text[], %(pushes_missed)s::integer[]
    ) AS polled (
        feed_id, outcome, detail, status, etag, last_modified, body_sha256, failures, interval_s, format, title, language,
        items, new_entries, revised_entries, wire_bytes, seconds, failure_score, rate_items, rate_days, rate_hours,
        rate_squares, rate_at, window_items, overflowed, max_age_s, ttl_s, skip_hours, skip_days, last_whole_at, ask_whole, validator_trust,
        hub_url, topic_url, push_missed
    )
), logged AS (
    INSERT INTO ops.polls (
        feed_id, outcome, status, items, new_entries, revised_entries, wire_bytes, seconds, overflowed, push_missed, detail)
    SELECT polled.feed_id, polled.outcome, polled.status, polled.items, polled.new_entries, polled.revised_entries,
        polled.wire_bytes, polled.seconds, polled.overflowed, polled.push_missed, polled.detail
    FROM polled
)
UPDATE news.feeds AS feed
SET etag = polled.etag,
    last_modified = polled.last_modified,
    body_sha256 = polled.body_sha256,
    failures = polled.failures,
    failure_score = polled.failure_score,
    interval_s = polled.interval_s,
    rate_items = polled.rate_items,
    rate_days = polled.rate_days,
    rate_hours = polled.rate_hours::float[],
    rate_squares = polled.rate_squares,
    rate_at = polled.rate_at,
    window_items = polled.window_items,
    overflows = feed.overflows + polled.overflowed::integer,
    max_age_s = polled.max_age_s,
    ttl_s = polled.ttl_s,
    skip_hours = polled.skip_hours,
    skip_days = polled.skip_days,
    last_whole_at = polled.last_whole_at,
    ask_whole = polled.ask_whole,
    validator_trust = polled.validator_trust,
    hub_url = polled.hub_url,
    topic_url = polled.topic_url,
    format = coalesce(polled.format, feed.format),
    title = coalesce(feed.title, polled.title),
    language = coalesce(feed.language, polled.language),
    last_outcome = polled.outcome,
    last_detail = polled.detail,
    last_polled_at = statement_timestamp(),
    last_success_at = CASE WHEN polled.failures = 0 THEN statement_timestamp() ELSE feed.last_success_at END,
    failing_since = CASE WHEN polled.failures > 0 THEN coalesce(feed.failing_since, statement_timestamp()) END,
    last_changed_at = CASE WHEN polled.new_entries + polled.revised_entries > 0 THEN statement_timestamp()
        ELSE feed.last_changed_at END
FROM polled
WHERE feed.feed_id = polled.feed_id;

-- name: see_moves
-- Count where feeds redirect to for good: evidence, until it is enough.
INSERT INTO news.feed_url_history AS seen (feed_id, address_key, url)
SELECT moved.feed_id, moved.address_key, moved.url
FROM unnest(%(feed_ids)s::bigint[], %(address_keys)s::bytea[], %(urls)s::text[]) AS moved (feed_id, address_key, url)
ORDER BY moved.feed_id
ON CONFLICT (feed_id, url) DO UPDATE SET sightings = seen.sightings + 1, last_seen_at = statement_timestamp();

-- name: adopt_moves
-- The address of a feed from now on, its lane with it. Where another feed is at that address already, both stay, with a note.
WITH moved AS (
    SELECT DISTINCT ON (moved.address_key) moved.feed_id, moved.address_key, moved.url, moved.host,
        other.feed_id AS taken_by
    FROM unnest(%(feed_ids)s::bigint[], %(address_keys)s::bytea[], %(urls)s::text[], %(hosts)s::text[])
        AS moved (feed_id, address_key, url, host)
    LEFT JOIN news.feeds AS other
        ON other.feed_id <> moved.feed_id AND (other.feed_key = moved.address_key OR other.url = moved.url)
    ORDER BY moved.address_key, moved.feed_id, other.feed_id
), judged AS (
    UPDATE news.feed_url_history AS seen
    SET adopted_at = CASE WHEN moved.taken_by IS NULL THEN statement_timestamp() END,
        note = 'feed ' || moved.taken_by || ' is subscribed at this address'
    FROM moved
    WHERE seen.feed_id = moved.feed_id AND seen.url = moved.url
), left_behind AS (
    INSERT INTO news.feed_url_history AS seen (feed_id, address_key, url, sightings, adopted_at, note)
    SELECT feed.feed_id, feed.feed_key, feed.url, 0, feed.created_at, 'as subscribed'
    FROM moved
    JOIN news.feeds AS feed USING (feed_id)
    WHERE moved.taken_by IS NULL
    ON CONFLICT (feed_id, url) DO UPDATE
    SET sightings = 0, first_seen_at = statement_timestamp(), last_seen_at = statement_timestamp()
), feed AS (
    UPDATE news.feeds AS feed
    SET url = moved.url, host = moved.host
    FROM moved
    WHERE feed.feed_id = moved.feed_id AND moved.taken_by IS NULL
    RETURNING feed.feed_id, feed.host
)
UPDATE ops.work AS work
SET lane = feed.host
FROM feed
WHERE work.stage = 'poll' AND work.key = feed.feed_id;
