-- name: state -> Network
-- Whether this machine seems to be cut off.
SELECT network.down_since IS NOT NULL AS is_down
FROM ops.network AS network;

-- name: probe
-- Take the next probe: of all workers, one at a time.
UPDATE ops.network AS network
SET probed_at = statement_timestamp()
WHERE network.down_since IS NOT NULL
    AND (network.probed_at IS NULL OR network.probed_at <= statement_timestamp() - make_interval(secs => %(probe_s)s::float));

-- name: went_down
UPDATE ops.network AS network
SET down_since = statement_timestamp(), probed_at = statement_timestamp()
WHERE network.down_since IS NULL;

-- name: came_back
-- Somebody was reached: what could not be polled in the minutes before the fault was noticed is due at once, unless the
-- fault was so short that those hosts may well be at fault themselves.
WITH back AS (
    UPDATE ops.network AS network
    SET down_since = NULL, probed_at = NULL
    FROM ops.network AS before
    WHERE network.down_since IS NOT NULL AND before.only_row = network.only_row
    RETURNING before.down_since
), hit AS (
    SELECT DISTINCT feed.feed_id, feed.host
    FROM back
    JOIN ops.polls AS poll
        ON back.down_since <= statement_timestamp() - make_interval(secs => %(lasting_s)s::float)
        AND poll.at >= back.down_since - make_interval(secs => %(before_s)s::float) AND poll.outcome IN ('dns', 'connect')
    JOIN news.feeds AS feed ON feed.feed_id = poll.feed_id AND feed.failures > 0 AND NOT feed.paused
)
SELECT ops.ask('poll', coalesce(array_agg(hit.feed_id), '{}'), coalesce(array_agg(hit.host), '{}'))
FROM hit;
