-- name: queue_state -> QueueState
-- Could a drain of the stage claim anything now, since when, and if not, when may it? For the watchers that wake Airflow.
-- `ready_at` says for each row what `work.pick` decides: due, its host willing, nobody alive holding it or its lane.
WITH alive AS MATERIALIZED (
    SELECT lock.objid::bigint AS holder
    FROM pg_locks AS lock
    WHERE lock.locktype = 'advisory' AND lock.classid = 7316 AND lock.granted
), held AS MATERIALIZED (
    SELECT work.stage, work.key, work.lane, work.leased_until
    FROM ops.work AS work
    WHERE work.leased_until >= statement_timestamp()
        AND work.holder IN (SELECT alive.holder FROM alive)
), busy AS MATERIALIZED (
    SELECT held.lane, max(held.leased_until) AS until
    FROM held
    WHERE held.lane IS NOT NULL
    GROUP BY held.lane
), waiting AS (
    SELECT work.priority,
        greatest(work.due_at, host.next_request_at, host.blocked_until, held.leased_until, busy.until,
            CASE WHEN work.priority >= 10 THEN host.next_bulk_at END) AS ready_at
    FROM ops.work AS work
    LEFT JOIN ops.hosts AS host ON host.host = work.lane
    LEFT JOIN held ON held.stage = work.stage AND held.key = work.key
    LEFT JOIN busy ON busy.lane = work.lane
    WHERE work.stage = %(stage)s::text
), pending AS MATERIALIZED (
    SELECT waiting.ready_at
    FROM waiting
    WHERE waiting.ready_at <= statement_timestamp()
    ORDER BY waiting.priority, waiting.ready_at
    LIMIT 1000
)
SELECT count(*)::integer AS pending,
    extract(epoch FROM statement_timestamp() - min(pending.ready_at))::float AS oldest_s,
    CASE WHEN count(*) = 0 THEN (
        SELECT extract(epoch FROM min(waiting.ready_at) - statement_timestamp())::float FROM waiting
    ) END AS next_s
FROM pending;
