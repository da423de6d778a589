-- name: asked -> AskedCheck
-- When each check was last asked.
SELECT asked.name, extract(epoch FROM now() - asked.asked_at)::float AS ago_s
FROM ops.checks AS asked
ORDER BY asked.name;

-- name: record
-- What the checks found now; one that goes on finding something keeps the instant since when.
INSERT INTO ops.checks AS known (name, severity, why, rows, sample, wrong_since)
SELECT asked.name, asked.severity, asked.why, asked.rows, asked.sample, CASE WHEN asked.rows > 0 THEN now() END
FROM unnest(%(names)s::text[], %(severities)s::text[], %(whys)s::text[], %(rows)s::bigint[], %(samples)s::jsonb[])
    AS asked (name, severity, why, rows, sample)
ORDER BY asked.name
ON CONFLICT (name) DO UPDATE
SET severity = excluded.severity,
    why = excluded.why,
    asked_at = excluded.asked_at,
    rows = excluded.rows,
    sample = excluded.sample,
    wrong_since = CASE WHEN excluded.rows > 0 THEN coalesce(known.wrong_since, excluded.wrong_since) END;

-- name: forget
-- Checks whose files are gone.
DELETE FROM ops.checks AS known
WHERE NOT known.name = ANY (%(names)s::text[]);
