-- name: listed -> DeadLetter
-- Dead letters, newest first: of a stage, a cause, since an instant (None: any).
SELECT letter.stage,
    letter.key,
    letter.cause,
    letter.detail,
    letter.attempts,
    letter.first_at,
    letter.last_at,
    letter.subject,
    letter.look
FROM mart.dead_letters AS letter
WHERE (%(stage)s::text IS NULL OR letter.stage = %(stage)s::text)
    AND (%(cause)s::text IS NULL OR letter.cause = %(cause)s::text)
    AND (%(since)s::timestamptz IS NULL OR letter.last_at >= %(since)s::timestamptz)
ORDER BY letter.last_at DESC, letter.stage, letter.key
LIMIT %(limit)s::integer;

-- name: replay -> Replayed
-- Dead letters of a stage back to work: with this cause, since an instant, not made by this version (None: any).
WITH letters AS (
    DELETE FROM ops.dead_letters AS letter
    WHERE letter.stage = %(stage)s::text
        AND (%(cause)s::text IS NULL OR letter.cause = %(cause)s::text)
        AND (%(since)s::timestamptz IS NULL OR letter.last_at >= %(since)s::timestamptz)
        AND (%(not_made_by)s::text IS NULL OR letter.made_by IS DISTINCT FROM %(not_made_by)s::text)
    RETURNING letter.key, letter.cause
), laned AS (
    SELECT letters.key, letters.cause, coalesce(address.host, feed.host, 'alert ' || delivery.place) AS lane
    FROM letters
    LEFT JOIN news.addresses AS address ON %(stage)s::text = 'fetch' AND address.address_id = letters.key
    LEFT JOIN news.feeds AS feed ON %(stage)s::text = 'poll' AND feed.feed_id = letters.key
    LEFT JOIN ops.alert_deliveries AS delivery ON %(stage)s::text = 'send' AND delivery.delivery_id = letters.key
), asked AS MATERIALIZED (
    SELECT ops.ask(%(stage)s::text, coalesce(array_agg(laned.key), '{}'), coalesce(array_agg(laned.lane), '{}'))
    FROM laned
)
SELECT laned.key, laned.cause
FROM laned
CROSS JOIN asked
ORDER BY laned.key;
