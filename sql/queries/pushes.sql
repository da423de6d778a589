-- name: keep -> KeptPush
-- A push to be taken, unless the same bytes came before or there is no room: strangers must not fill the disk.
WITH room AS MATERIALIZED (
    SELECT (SELECT count(*) FROM ops.pushes AS push
            WHERE push.feed_id = %(feed_id)s::bigint AND push.at > statement_timestamp() - interval '1 hour')
            < %(most_an_hour)s::integer
        AND (SELECT coalesce(sum(push.bytes), 0) FROM ops.pushes AS push WHERE push.outcome IS NULL)
            + octet_length(%(body)s::bytea) <= %(most_waiting_bytes)s::bigint AS is_there
), kept AS (
    INSERT INTO ops.pushes AS push (feed_id, hub_url, body_sha256, bytes, content_type, body)
    SELECT %(feed_id)s::bigint, %(hub_url)s::text, sha256(%(body)s::bytea), octet_length(%(body)s::bytea),
        %(content_type)s::text, %(body)s::bytea
    FROM room
    WHERE room.is_there
    ON CONFLICT (feed_id, body_sha256) DO NOTHING
    RETURNING push.push_id, push.feed_id
), asked AS MATERIALIZED (
    -- Pushes of one feed take turns, in the order in which they came.
    SELECT ops.ask('push', coalesce(array_agg(kept.push_id), '{}'), coalesce(array_agg('feed ' || kept.feed_id), '{}'))
    FROM kept
)
SELECT (SELECT kept.push_id FROM kept) AS push_id, room.is_there AS had_room
FROM room
CROSS JOIN asked;

-- name: drop_one
-- Pushes that are not taken are counted, not kept: a row a day, subscription and reason.
INSERT INTO ops.push_drops AS dropped (hub_subscription_id, reason)
VALUES (%(hub_subscription_id)s::bigint, %(reason)s::text)
ON CONFLICT (hub_subscription_id, day, reason)
DO UPDATE SET drops = dropped.drops + 1, last_at = statement_timestamp();

-- name: waiting -> WaitingPush
SELECT push.push_id, push.feed_id, push.content_type, push.body
FROM ops.pushes AS push
WHERE push.push_id = ANY (%(keys)s::bigint[]) AND push.outcome IS NULL
ORDER BY push.push_id;

-- name: record
-- What became of pushes; their bodies go. A feed learns its rate from them, and nothing about its own server.
WITH taken AS (
    SELECT *
    FROM unnest(
        %(push_ids)s::bigint[], %(outcomes)s::text[], %(details)s::text[], %(new_entries)s::integer[],
        %(revised_entries)s::integer[], %(rate_items)s::float[], %(rate_days)s::float[], %(rate_hours)s::text[],
        %(rate_squares)s::float[], %(rate_ats)s::timestamptz[]
    ) AS taken (
        push_id, outcome, detail, new_entries, revised_entries, rate_items, rate_days, rate_hours, rate_squares, rate_at
    )
), closed AS (
    UPDATE ops.pushes AS push
    SET outcome = taken.outcome,
        detail = taken.detail,
        new_entries = taken.new_entries,
        revised_entries = taken.revised_entries,
        taken_at = statement_timestamp(),
        body = NULL
    FROM taken
    WHERE push.push_id = taken.push_id
    RETURNING push.push_id, push.feed_id
)
UPDATE news.feeds AS feed
SET rate_items = coalesce(taken.rate_items, feed.rate_items),
    rate_days = coalesce(taken.rate_days, feed.rate_days),
    rate_hours = coalesce(taken.rate_hours::float[], feed.rate_hours),
    rate_squares = coalesce(taken.rate_squares, feed.rate_squares),
    rate_at = coalesce(taken.rate_at, feed.rate_at),
    last_changed_at = CASE WHEN taken.new_entries + taken.revised_entries > 0 THEN statement_timestamp()
        ELSE feed.last_changed_at END
FROM closed
JOIN taken USING (push_id)
WHERE feed.feed_id = closed.feed_id;

-- name: forget
-- Digests outlive every lease, so that no signed push can be played again; then they go.
DELETE FROM ops.pushes AS push
WHERE push.outcome IS NOT NULL AND push.at < statement_timestamp() - make_interval(days => %(days)s::integer);

-- name: health -> PushHealth
-- How the pushes of feeds are: of those that name a hub, or were pushed before.
SELECT health.url,
    health.hub_url,
    health.state,
    health.why,
    health.lease_until,
    health.last_push_at,
    health.pushes_14d,
    health.seen_14d,
    health.missed_14d,
    health.hit_rate,
    health.drops_14d
FROM mart.feed_pushes AS health
ORDER BY health.url;
