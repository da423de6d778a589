-- name: recall -> KeptRobots
-- A site's robots.txt, if it was read within so many seconds.
SELECT robots.site,
    robots.status,
    robots.body,
    extract(epoch FROM statement_timestamp() - robots.read_at)::float AS age_s
FROM ops.robots AS robots
WHERE robots.site = %(site)s::text
    AND robots.read_at > statement_timestamp() - make_interval(secs => %(max_age_s)s::float);

-- name: keep
INSERT INTO ops.robots AS robots (site, status, body)
VALUES (%(site)s::text, %(status)s::integer, %(body)s::bytea)
ON CONFLICT (site) DO UPDATE
SET status = excluded.status, body = excluded.body, read_at = statement_timestamp();
