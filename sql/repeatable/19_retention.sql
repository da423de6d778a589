-- How long things are kept, by the groups of feeds. Rules come as two lists, groups and days; NULL days: for ever.

-- Of feeds in these groups: the longest of the rules that name one of them, or one that it stands within, else `otherwise`.
CREATE OR REPLACE FUNCTION ops.days_of_groups(mine text[], groups text[], days integer[], otherwise integer) RETURNS integer
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT CASE
        WHEN count(*) = 0 THEN otherwise
        WHEN bool_or(rule.days IS NULL) THEN NULL
        ELSE max(rule.days)
    END
    FROM unnest(groups, days) AS rule (name, days)
    WHERE EXISTS (
        SELECT FROM unnest(mine) AS member (name) WHERE member.name = rule.name OR starts_with(member.name, rule.name || '/'))
$$;

-- Of what these addresses led to: as long as the most patient of the feeds that brought them.
CREATE OR REPLACE FUNCTION ops.days_of_addresses(addresses bigint[], groups text[], days integer[], otherwise integer)
RETURNS integer
LANGUAGE sql STABLE
SET search_path = pg_catalog
AS $$
    SELECT CASE
        WHEN count(*) = 0 THEN otherwise
        WHEN bool_or(kept.days IS NULL) THEN NULL
        ELSE max(kept.days)
    END
    FROM news.entries AS entry
    JOIN news.feeds AS feed USING (feed_id)
    CROSS JOIN LATERAL (SELECT ops.days_of_groups(feed.groups, $2, $3, $4) AS days) AS kept
    WHERE entry.address_id = ANY (addresses)
$$;

-- The months of the logs that ended so many months ago.
CREATE OR REPLACE FUNCTION ops.old_months(keep_months integer) RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = pg_catalog
AS $$
    SELECT part.relname::text
    FROM pg_inherits AS inherits
    JOIN pg_class AS part ON part.oid = inherits.inhrelid
    WHERE inherits.inhparent IN ('ops.polls'::regclass, 'ops.fetches'::regclass)
        AND part.relname ~ '_\d{4}_\d{2}$'
        AND to_date(right(part.relname, 7), 'YYYY_MM')
            < date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => keep_months)
    ORDER BY part.relname
$$;

CREATE OR REPLACE FUNCTION ops.drop_months(keep_months integer) RETURNS SETOF text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog
AS $$
DECLARE
    month text;
BEGIN
    FOR month IN SELECT ops.old_months(keep_months) LOOP
        EXECUTE format('DROP TABLE ops.%I', month);
        RETURN NEXT month;
    END LOOP;
END
$$;
