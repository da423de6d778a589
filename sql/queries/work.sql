-- name: lock_claims
-- One claimer of a stage at a time: two could otherwise take rows of one lane in the same instant.
SELECT pg_advisory_xact_lock(hashtext('newswire claim ' || %(stage)s::text));

-- name: count_again
SELECT ops.count_again();

-- name: hold
-- The holder's mark of life: a lock of this session, gone the moment its process is.
SELECT pg_advisory_lock(7316, %(holder)s::integer);

-- name: let_go
SELECT pg_advisory_unlock(7316, %(holder)s::integer);

-- name: pick -> PickedKey
-- Due work: live before bulk, oldest due first, at most `per_lane` of a lane and none of a lane that somebody works on.
-- Bulk work takes one row of a lane, when nothing live waits there, and keeps a distance of its own to the one before.
-- A row whose holder is gone is due again at once; after two such ends it is a suspect and is left to `pick_suspect`.
WITH alive AS MATERIALIZED (
    SELECT lock.objid::bigint AS holder
    FROM pg_locks AS lock
    WHERE lock.locktype = 'advisory' AND lock.classid = 7316 AND lock.granted
), busy AS MATERIALIZED (
    -- Of any stage: a host that is being polled is not asked for a page at the same time.
    SELECT DISTINCT leased.lane
    FROM ops.work AS leased
    WHERE leased.lane IS NOT NULL
        AND leased.leased_until >= statement_timestamp() AND leased.holder IN (SELECT alive.holder FROM alive)
), resting AS MATERIALIZED (
    SELECT host.host
    FROM ops.hosts AS host
    WHERE greatest(host.blocked_until, host.next_request_at) > statement_timestamp()
), resting_from_bulk AS MATERIALIZED (
    SELECT host.host FROM ops.hosts AS host WHERE host.next_bulk_at > statement_timestamp()
), candidates AS (
    -- The first that may be taken, twenty times what is wanted, so that a few hosts do not fill a claim; a queue of a million
    -- is not sorted for each of them.
    SELECT work.key, work.lane, work.priority, work.due_at
    FROM ops.work AS work
    WHERE work.stage = %(stage)s::text AND work.due_at <= statement_timestamp()
        AND (work.leased_until IS NULL OR work.attempts < 2)
        AND (work.leased_until IS NULL OR work.leased_until < statement_timestamp()
            OR work.holder NOT IN (SELECT alive.holder FROM alive))
        AND (work.lane IS NULL OR work.lane NOT IN (SELECT busy.lane FROM busy))
        AND (work.lane IS NULL OR work.lane NOT IN (SELECT resting.host FROM resting))
        AND (work.lane IS NULL OR work.priority < 10 OR work.lane NOT IN (SELECT resting_from_bulk.host FROM resting_from_bulk))
    ORDER BY work.priority, work.due_at
    LIMIT 20 * %(limit)s::integer
), due AS (
    SELECT candidate.*,
        row_number() OVER (
            PARTITION BY coalesce(candidate.lane, candidate.key::text)
            ORDER BY candidate.priority, candidate.due_at, candidate.key
        ) AS place
    FROM candidates AS candidate
)
SELECT work.key
FROM ops.work AS work
-- An array, not a join: statistics of the moment when the queue was empty would make it a loop over all rows for each row.
WHERE work.stage = %(stage)s::text AND work.key = ANY (ARRAY(
    SELECT due.key
    FROM due
    WHERE due.place <= CASE WHEN due.priority < 10 THEN %(per_lane)s::integer ELSE 1 END
    ORDER BY due.priority, due.due_at, due.key
    LIMIT %(limit)s::integer))
FOR UPDATE OF work SKIP LOCKED;

-- name: pick_suspect -> PickedKey
-- One row whose holders died on it twice, alone: if it kills again, it kills only itself.
WITH alive AS MATERIALIZED (
    SELECT lock.objid::bigint AS holder
    FROM pg_locks AS lock
    WHERE lock.locktype = 'advisory' AND lock.classid = 7316 AND lock.granted
)
SELECT work.key
FROM ops.work AS work
WHERE work.stage = %(stage)s::text AND work.due_at <= statement_timestamp()
    AND work.attempts >= 2 AND work.attempts < %(max_attempts)s::integer AND work.leased_until IS NOT NULL
    AND (work.leased_until < statement_timestamp() OR work.holder NOT IN (SELECT alive.holder FROM alive))
ORDER BY work.due_at, work.key
LIMIT 1
FOR UPDATE OF work SKIP LOCKED;

-- name: lease -> WorkItem
-- Rows that were picked are held from now on; the attempt is counted before the risky step.
UPDATE ops.work AS work
SET attempts = work.attempts + 1,
    leased_until = statement_timestamp() + make_interval(secs => %(lease_s)s::float),
    leased_by = %(lease)s::text,
    holder = %(holder)s::integer
WHERE work.stage = %(stage)s::text AND work.key = ANY (%(keys)s::bigint[])
RETURNING work.key, work.mark, work.attempts, work.priority::integer;

-- name: poisoned -> WorkItem
-- Rows whose attempts are used up although nobody holds them: the process died each time.
SELECT work.key, work.mark, work.attempts, work.priority::integer
FROM ops.work AS work
WHERE work.stage = %(stage)s::text AND work.attempts >= %(max_attempts)s::integer AND work.leased_until IS NOT NULL
    AND (work.leased_until < statement_timestamp() OR work.holder NOT IN (
        SELECT lock.objid::bigint FROM pg_locks AS lock
        WHERE lock.locktype = 'advisory' AND lock.classid = 7316 AND lock.granted))
FOR UPDATE OF work SKIP LOCKED;

-- name: held -> HeldKey
-- Which of these rows this lease still holds: a try that woke up late holds none, and writes nothing.
SELECT work.key
FROM ops.work AS work
WHERE work.stage = %(stage)s::text AND work.key = ANY (%(keys)s::bigint[]) AND work.leased_by = %(lease)s::text
ORDER BY work.key
FOR UPDATE;

-- name: finish
-- Done: the row goes, unless it was asked for again meanwhile; then it is due at once.
WITH done AS (
    SELECT * FROM unnest(%(keys)s::bigint[], %(marks)s::bigint[]) AS done (key, mark)
), gone AS (
    DELETE FROM ops.work AS work
    USING done
    WHERE work.stage = %(stage)s::text AND work.key = done.key AND work.mark = done.mark
)
UPDATE ops.work AS work
SET due_at = statement_timestamp(), leased_until = NULL, leased_by = NULL, holder = NULL, attempts = 0, cause = NULL
FROM done
WHERE work.stage = %(stage)s::text AND work.key = done.key AND work.mark <> done.mark;

-- name: reschedule
-- Done for now: a row that always stays (a feed's next poll) gets its next due time; asked again meanwhile, it is due at once.
UPDATE ops.work AS work
SET due_at = CASE WHEN work.mark = next.mark THEN statement_timestamp() + make_interval(secs => next.delay_s)
        ELSE statement_timestamp() END,
    mark = 1, leased_until = NULL, leased_by = NULL, holder = NULL, attempts = 0, cause = NULL
FROM unnest(%(keys)s::bigint[], %(marks)s::bigint[], %(delays_s)s::float[]) AS next (key, mark, delay_s)
WHERE work.stage = %(stage)s::text AND work.key = next.key;

-- name: retry
-- A transient failure: due again after a pause, the cause kept.
UPDATE ops.work AS work
SET due_at = CASE WHEN work.mark = again.mark THEN statement_timestamp() + make_interval(secs => again.delay_s)
        ELSE statement_timestamp() END,
    cause = again.cause, leased_until = NULL, leased_by = NULL, holder = NULL
FROM unnest(%(keys)s::bigint[], %(marks)s::bigint[], %(delays_s)s::float[], %(causes)s::text[])
    AS again (key, mark, delay_s, cause)
WHERE work.stage = %(stage)s::text AND work.key = again.key;

-- name: bury
-- Failed for good: kept as a dead letter with its cause.
INSERT INTO ops.dead_letters AS letter (stage, key, cause, detail, attempts, made_by)
SELECT %(stage)s::text, dead.key, dead.cause, dead.detail, dead.attempts, %(made_by)s::text
FROM unnest(%(keys)s::bigint[], %(causes)s::text[], %(details)s::text[], %(attempts)s::integer[])
    AS dead (key, cause, detail, attempts)
ORDER BY dead.key
ON CONFLICT (stage, key) DO UPDATE
SET cause = excluded.cause, detail = excluded.detail, attempts = letter.attempts + excluded.attempts, last_at = now(),
    made_by = excluded.made_by;

-- name: unbury
-- What has now been done is no dead letter any more.
DELETE FROM ops.dead_letters AS letter
WHERE letter.stage = %(stage)s::text AND letter.key = ANY (%(keys)s::bigint[]);

-- name: release
-- Give back what a drain did not get to (it is told to stop): due again, the attempt not counted.
UPDATE ops.work AS work
SET leased_until = NULL, leased_by = NULL, holder = NULL, attempts = greatest(work.attempts - 1, 0)
WHERE work.stage = %(stage)s::text AND work.key = ANY (%(keys)s::bigint[]) AND work.leased_by = %(lease)s::text;

-- name: ask
SELECT ops.ask(%(stage)s::text, %(keys)s::bigint[], %(lanes)s::text[],
    statement_timestamp() + make_interval(secs => %(delay_s)s::float), %(priority)s::smallint);

-- name: next_due -> NextDue
-- Seconds until a row of the stage is due (0: now), None where the stage has no row that time alone makes due.
SELECT greatest(0, extract(epoch FROM min(greatest(
        work.due_at, host.next_request_at, host.blocked_until,
        CASE WHEN work.priority >= 10 THEN host.next_bulk_at END
    )) - statement_timestamp()))::float AS seconds
FROM ops.work AS work
LEFT JOIN ops.hosts AS host ON host.host = work.lane
WHERE work.stage = %(stage)s::text AND work.leased_until IS NULL;

-- name: block_hosts
-- The host asked for patience: nothing of it is claimed before then.
INSERT INTO ops.hosts AS host (host, blocked_until)
SELECT blocked.host, statement_timestamp() + make_interval(secs => max(blocked.seconds))
FROM unnest(%(hosts)s::text[], %(seconds)s::float[]) AS blocked (host, seconds)
GROUP BY blocked.host
ORDER BY blocked.host
ON CONFLICT (host) DO UPDATE SET blocked_until = greatest(host.blocked_until, excluded.blocked_until);

-- name: pace_hosts
-- The earliest next request to each host, for every worker.
INSERT INTO ops.hosts AS host (host, next_request_at)
SELECT paced.host, statement_timestamp() + make_interval(secs => paced.gap_s)
FROM unnest(%(hosts)s::text[], %(gaps_s)s::float[]) AS paced (host, gap_s)
ORDER BY paced.host
ON CONFLICT (host) DO UPDATE SET next_request_at = greatest(host.next_request_at, excluded.next_request_at);

-- name: pace_bulk
-- The earliest next bulk request to each host, for every worker; live work does not wait for it.
INSERT INTO ops.hosts AS host (host, next_bulk_at)
SELECT DISTINCT paced.host, statement_timestamp() + make_interval(secs => %(gap_s)s::float)
FROM unnest(%(hosts)s::text[]) AS paced (host)
ORDER BY paced.host
ON CONFLICT (host) DO UPDATE SET next_bulk_at = greatest(host.next_bulk_at, excluded.next_bulk_at);

-- name: queues -> Queue
SELECT queue.stage,
    queue.due,
    queue.leased,
    queue.waiting,
    queue.oldest_due_s::float,
    queue.dead
FROM mart.queues AS queue;
