-- name: note_callback
-- Where hubs reach us, as last known; NULL: nowhere, so that nothing is asked of them.
UPDATE ops.websub SET callback_url = %(callback_url)s::text, looked_at = statement_timestamp();

-- name: callback -> CallbackUrl
SELECT websub.callback_url AS url FROM ops.websub;

-- name: end_leases
-- Leases that ran out: their feeds are polled at their own interval again, from now on.
WITH ended AS (
    UPDATE ops.hub_subscriptions AS subscribed
    SET state = 'ended', ended_at = statement_timestamp(), detail = 'the lease ran out'
    WHERE subscribed.state = 'verified' AND subscribed.lease_until <= statement_timestamp()
    RETURNING subscribed.feed_id
), alone AS (
    SELECT DISTINCT feed.feed_id, feed.host
    FROM ended
    JOIN news.feeds AS feed USING (feed_id)
    WHERE NOT feed.paused AND feed.removed_at IS NULL AND NOT EXISTS (
        SELECT FROM ops.hub_subscriptions AS other
        WHERE other.feed_id = feed.feed_id AND other.state = 'verified'
            AND other.lease_until > statement_timestamp())
)
SELECT ops.ask('poll', coalesce(array_agg(alone.feed_id), '{}'), coalesce(array_agg(alone.host), '{}')) FROM alone;

-- name: leave
-- What is not wanted any more: the feed is paused, or names another hub or topic. A hub that never agreed need not be told.
UPDATE ops.hub_subscriptions AS subscribed
SET state = CASE subscribed.state WHEN 'verified' THEN 'leaving' ELSE 'ended' END,
    ended_at = CASE subscribed.state WHEN 'verified' THEN NULL ELSE statement_timestamp() END,
    detail = CASE WHEN feed.paused THEN 'the feed is paused' ELSE 'the feed names another hub or topic' END,
    failures = 0,
    asked_at = NULL,
    next_ask_at = statement_timestamp()
FROM news.feeds AS feed
WHERE feed.feed_id = subscribed.feed_id AND subscribed.state IN ('asked', 'verified', 'denied')
    AND (feed.paused OR feed.hub_url IS DISTINCT FROM subscribed.hub_url
        OR feed.topic_url IS DISTINCT FROM subscribed.topic_url);

-- name: give_up
-- Hubs that do not answer when they are left: the lease ends it anyway.
UPDATE ops.hub_subscriptions AS subscribed
SET state = 'ended', ended_at = statement_timestamp()
WHERE subscribed.state = 'leaving'
    AND (subscribed.lease_until <= statement_timestamp()
        OR (subscribed.failures >= %(most)s::integer AND subscribed.next_ask_at <= statement_timestamp()));

-- name: forget
DELETE FROM ops.hub_subscriptions AS subscribed
WHERE subscribed.state = 'ended' AND subscribed.ended_at < statement_timestamp() - make_interval(days => %(days)s::integer);

-- name: wishes -> HubWish
-- Feeds whose hub is to be asked: for the first time, or anew when four fifths of the lease are over. Each lease has a
-- callback and a secret of its own, as the Recommendation advises (section 5.1.1).
SELECT feed.feed_id, feed.hub_url, feed.topic_url
FROM news.feeds AS feed
WHERE NOT feed.paused AND feed.hub_url IS NOT NULL AND feed.topic_url IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM ops.hub_subscriptions AS subscribed
        WHERE subscribed.feed_id = feed.feed_id AND (subscribed.state IN ('asked', 'denied')
            OR (subscribed.state = 'verified' AND statement_timestamp()
                < subscribed.lease_until - (subscribed.lease_until - subscribed.verified_at) / 5
            )))
    -- Neither a hub that grants a minute nor a feed that calls itself otherwise each time keeps us asking.
    AND NOT EXISTS (
        SELECT FROM ops.hub_subscriptions AS before
        WHERE before.feed_id = feed.feed_id AND before.created_at > statement_timestamp() - interval '1 hour')
ORDER BY feed.feed_id
LIMIT %(limit)s::integer;

-- name: begin
WITH wished AS (
    SELECT *
    FROM unnest(
        %(feed_ids)s::bigint[], %(hub_urls)s::text[], %(topic_urls)s::text[], %(tokens)s::text[], %(secrets)s::text[]
    ) AS wished (feed_id, hub_url, topic_url, token, secret)
), begun AS (
    INSERT INTO ops.hub_subscriptions AS subscribed (feed_id, hub_url, topic_url)
    SELECT wished.feed_id, wished.hub_url, wished.topic_url
    FROM wished
    ORDER BY wished.feed_id
    ON CONFLICT (feed_id) WHERE state IN ('asked', 'denied') DO NOTHING
    RETURNING subscribed.hub_subscription_id, subscribed.feed_id
)
INSERT INTO ops.hub_secrets (hub_subscription_id, token, secret)
SELECT begun.hub_subscription_id, wished.token, wished.secret
FROM begun
JOIN wished USING (feed_id);

-- name: due -> HubRequest
-- What hubs are to be asked now, locked against other workers; one that takes its time must not keep the others waiting.
SELECT subscribed.hub_subscription_id,
    CASE subscribed.state WHEN 'leaving' THEN 'unsubscribe' ELSE 'subscribe' END AS mode,
    subscribed.hub_url,
    subscribed.topic_url,
    hidden.token,
    hidden.secret,
    subscribed.failures
FROM ops.hub_subscriptions AS subscribed
JOIN ops.hub_secrets AS hidden USING (hub_subscription_id)
JOIN (
    SELECT ready.hub_subscription_id,
        row_number() OVER (PARTITION BY ready.hub_url ORDER BY ready.next_ask_at, ready.hub_subscription_id) AS place
    FROM ops.hub_subscriptions AS ready
    WHERE ready.state IN ('asked', 'denied', 'leaving') AND ready.next_ask_at <= statement_timestamp()
) AS queued USING (hub_subscription_id)
WHERE subscribed.state IN ('asked', 'denied', 'leaving') AND subscribed.next_ask_at <= statement_timestamp()
    AND queued.place <= %(per_hub)s::integer
ORDER BY subscribed.next_ask_at, subscribed.hub_subscription_id
LIMIT %(limit)s::integer
FOR UPDATE OF subscribed SKIP LOCKED;

-- name: note_asked
-- Counted before it is asked: a hub may verify before it answers, and whoever dies asking has asked.
UPDATE ops.hub_subscriptions AS subscribed
SET state = CASE subscribed.state WHEN 'denied' THEN 'asked' ELSE subscribed.state END,
    failures = subscribed.failures + 1,
    asked_at = statement_timestamp(),
    next_ask_at = statement_timestamp() + make_interval(secs => asked.patience_s)
FROM unnest(%(ids)s::bigint[], %(patiences_s)s::float[]) AS asked (hub_subscription_id, patience_s)
WHERE subscribed.hub_subscription_id = asked.hub_subscription_id;

-- name: note_answers
-- What hubs answered, unless they have verified or denied it meanwhile.
UPDATE ops.hub_subscriptions AS subscribed
SET detail = answer.detail,
    next_ask_at = greatest(subscribed.next_ask_at, statement_timestamp() + make_interval(secs => answer.wait_s))
FROM unnest(%(ids)s::bigint[], %(details)s::text[], %(waits_s)s::float[]) AS answer (hub_subscription_id, detail, wait_s)
WHERE subscribed.hub_subscription_id = answer.hub_subscription_id AND subscribed.state IN ('asked', 'leaving');

-- name: at_token -> Callback
SELECT subscribed.hub_subscription_id,
    subscribed.feed_id,
    subscribed.hub_url,
    hidden.secret,
    subscribed.state = 'verified' AND NOT feed.paused AS is_live
FROM ops.hub_secrets AS hidden
JOIN ops.hub_subscriptions AS subscribed USING (hub_subscription_id)
JOIN news.feeds AS feed USING (feed_id)
WHERE hidden.token = %(token)s::text;

-- name: verify -> HubSubscriptionId
-- The hub asks whether we asked. Only what was asked for within the hour is confirmed; the hub may ask twice, when our answer
-- was lost. The lease that this one follows is not needed any more.
WITH verified AS (
    UPDATE ops.hub_subscriptions AS subscribed
    SET state = 'verified',
        verified_at = statement_timestamp(),
        lease_until = statement_timestamp() + make_interval(secs => %(lease_s)s::integer),
        failures = 0,
        detail = NULL,
        next_ask_at = 'infinity'
    FROM ops.hub_secrets AS hidden
    WHERE hidden.hub_subscription_id = subscribed.hub_subscription_id AND hidden.token = %(token)s::text
        AND subscribed.topic_url = %(topic_url)s::text AND subscribed.state IN ('asked', 'verified')
        AND subscribed.asked_at > statement_timestamp() - interval '1 hour'
    RETURNING subscribed.hub_subscription_id, subscribed.feed_id
), followed AS (
    UPDATE ops.hub_subscriptions AS subscribed
    SET state = 'leaving', detail = 'a newer lease follows it', failures = 0, asked_at = NULL,
        next_ask_at = statement_timestamp()
    FROM verified
    WHERE subscribed.feed_id = verified.feed_id AND subscribed.state = 'verified'
        AND subscribed.hub_subscription_id <> verified.hub_subscription_id
)
SELECT verified.hub_subscription_id FROM verified;

-- name: confirm_leaving -> HubSubscriptionId
UPDATE ops.hub_subscriptions AS subscribed
SET state = 'ended', ended_at = statement_timestamp()
FROM ops.hub_secrets AS hidden
WHERE hidden.hub_subscription_id = subscribed.hub_subscription_id AND hidden.token = %(token)s::text
    AND subscribed.topic_url = %(topic_url)s::text AND subscribed.state = 'leaving'
    AND subscribed.asked_at > statement_timestamp() - interval '1 hour'
RETURNING subscribed.hub_subscription_id;

-- name: deny -> HubSubscriptionId
-- The hub does not want us, now or any more: asked again after a week, and the feed is polled as before.
WITH denied AS (
    UPDATE ops.hub_subscriptions AS subscribed
    SET state = CASE WHEN follower.is_there THEN 'ended' ELSE 'denied' END,
        ended_at = CASE WHEN follower.is_there THEN statement_timestamp() END,
        detail = %(reason)s::text,
        next_ask_at = statement_timestamp() + interval '7 days'
    FROM ops.hub_secrets AS hidden
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT
            FROM ops.hub_subscriptions AS other
            JOIN ops.hub_subscriptions AS this USING (feed_id)
            WHERE this.hub_subscription_id = hidden.hub_subscription_id AND other.state IN ('asked', 'denied')
                AND other.hub_subscription_id <> this.hub_subscription_id) AS is_there
    ) AS follower
    WHERE hidden.hub_subscription_id = subscribed.hub_subscription_id AND hidden.token = %(token)s::text
        AND subscribed.topic_url = %(topic_url)s::text AND subscribed.state IN ('asked', 'verified')
    RETURNING subscribed.hub_subscription_id, subscribed.feed_id, subscribed.verified_at
), asked AS MATERIALIZED (
    SELECT ops.ask('poll', coalesce(array_agg(feed.feed_id), '{}'), coalesce(array_agg(feed.host), '{}'))
    FROM denied
    JOIN news.feeds AS feed USING (feed_id)
    WHERE NOT feed.paused AND feed.removed_at IS NULL AND denied.verified_at IS NOT NULL
)
SELECT denied.hub_subscription_id FROM denied CROSS JOIN asked;

-- name: renew_soon
-- Leases end within the hour, or when a fifth of what they had is over, so that hubs are asked anew, with a new callback and secret;
-- the old ones are good until the hub has verified the new.
UPDATE ops.hub_subscriptions AS subscribed
SET lease_until = least(
    subscribed.lease_until,
    greatest(
        statement_timestamp() + interval '1 hour',
        statement_timestamp() + (statement_timestamp() - subscribed.verified_at) / 4))
WHERE subscribed.state = 'verified';
