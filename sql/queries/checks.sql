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

-- name: know
-- What checks compare with and only the settings know, for this session.
SELECT
WHERE set_config('newswire.late_s', %(late_s)s::text, false) IS NOT NULL
    AND set_config('newswire.setting_problems', %(setting_problems)s::text, false) IS NOT NULL;

-- name: wrong -> WrongCheck
-- Checks that found something when they were last asked: errors first, then those that have been wrong for longest.
SELECT known.name, known.severity, known.why, known.rows, known.wrong_since,
    (SELECT string_agg(field.key || '=' || field.value, ', ') FROM jsonb_each_text(known.sample -> 0) AS field (key, value))
        AS sample
FROM ops.checks AS known
WHERE known.wrong_since IS NOT NULL
ORDER BY known.severity, known.wrong_since, known.name;
