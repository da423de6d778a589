-- name: clock -> ServerClock
-- The database's clock and version.
SELECT clock_timestamp() AS now, current_setting('server_version_num')::integer / 10000 AS version;

-- name: missing_grants -> MissingGrant
-- What a role of Newswire may not do but must; sql/repeatable/90_grants.sql gives it.
SELECT wanted.role, class.oid::regclass::text AS relation, wanted.privilege
FROM (
    VALUES ('newswire_writer', 'SELECT'), ('newswire_writer', 'INSERT'), ('newswire_writer', 'UPDATE'),
        ('newswire_writer', 'DELETE'), ('newswire_reader', 'SELECT')
) AS wanted (role, privilege)
JOIN pg_roles AS role ON role.rolname = wanted.role
JOIN pg_class AS class ON class.relkind IN ('r', 'p', 'v') AND NOT class.relispartition
JOIN pg_namespace AS space ON space.oid = class.relnamespace AND space.nspname IN ('news', 'ops', 'mart')
WHERE NOT has_table_privilege(role.oid, class.oid, wanted.privilege)
    AND NOT (wanted.role = 'newswire_reader' AND class.relname = 'hub_secrets')
UNION ALL
SELECT wanted.role, NULL, 'to exist'
FROM unnest(ARRAY['newswire_owner', 'newswire_writer', 'newswire_reader']) AS wanted (role)
WHERE NOT EXISTS (SELECT FROM pg_roles AS role WHERE role.rolname = wanted.role)
ORDER BY role, relation, privilege;

-- name: checks -> CheckState
-- What the checks of the warehouse found when they were last asked.
SELECT known.name, known.severity, known.why, known.rows, extract(epoch FROM now() - known.asked_at)::float AS ago_s
FROM ops.checks AS known
ORDER BY known.severity, known.name;

-- name: freshness -> Freshness
-- How long ago the newest article and the last poll came, and how many feeds are to bring more.
SELECT (SELECT extract(epoch FROM now() - max(article.created_at))::float FROM news.articles AS article) AS article_ago_s,
    (SELECT extract(epoch FROM now() - max(feed.last_polled_at))::float FROM news.feeds AS feed) AS poll_ago_s,
    (SELECT count(*) FROM news.feeds AS feed WHERE NOT feed.paused AND feed.removed_at IS NULL) AS feeds;
