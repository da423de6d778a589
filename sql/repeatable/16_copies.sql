-- The weeks of the fingerprints, and which anchors two articles share that still tell something.

-- Anchors of both lists that are not hot within so many days of any of these days. Without a search_path of its own, so that
-- the planner can put its body in the place of the call.
CREATE OR REPLACE FUNCTION news.cool_anchors(anchors integer[], other_anchors integer[], rule text, days date[], around integer)
RETURNS integer[]
LANGUAGE sql STABLE
AS $$
    SELECT ARRAY(
        SELECT shared.anchor
        FROM unnest(anchors) AS shared (anchor)
        WHERE shared.anchor = ANY (other_anchors) AND NOT EXISTS (
            SELECT FROM news.hot_anchors AS hot
            CROSS JOIN unnest(days) AS own (day)
            WHERE hot.signature = rule AND hot.anchor = shared.anchor
                AND hot.day BETWEEN own.day - around AND own.day + around)
    )
$$;

-- Until the transaction ends: how long to wait for another matcher, no compiling of statements (measured: five times their
-- cost), and whether a table may be read whole.
CREATE OR REPLACE FUNCTION ops.plan_matching(whole_tables boolean) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('lock_timeout', '55s', true), set_config('jit', 'off', true),
        set_config('enable_seqscan', whole_tables::text, true);
END
$$;

-- Make the weeks that these days, and so many days around them, belong to; returns those that were missing.
CREATE OR REPLACE FUNCTION ops.open_weeks(days date[], around integer) RETURNS SETOF date
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog
AS $$
DECLARE
    monday date;
    name text;
BEGIN
    FOR monday IN
        SELECT DISTINCT date_trunc('week', every.day)::date AS monday
        FROM unnest(days) AS asked (day)
        CROSS JOIN LATERAL generate_series(asked.day - around, asked.day + around, interval '1 day') AS every (day)
        ORDER BY monday
    LOOP
        INSERT INTO news.fingerprint_weeks AS known (week) VALUES (monday)
        ON CONFLICT (week) DO UPDATE SET written_at = now() WHERE known.written_at < now() - interval '1 day';
        name := 'fingerprints_' || to_char(monday, 'YYYY_MM_DD');
        CONTINUE WHEN to_regclass(format('news.%I', name)) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE news.%I PARTITION OF news.fingerprints FOR VALUES FROM (%L) TO (%L)', name, monday, monday + 7);
        EXECUTE format('CREATE UNIQUE INDEX ON news.%I (article_id, version_id, signature)', name);
        RETURN NEXT monday;
    END LOOP;
END
$$;

-- Drop the weeks that nobody has written to for so many days. What was decided stays; a week that is needed is made again.
-- The matcher at work is waited for only where there is something to drop.
CREATE OR REPLACE FUNCTION ops.drop_weeks(keep_days integer) RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog
AS $$
DECLARE
    old date;
    dropped integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM news.fingerprint_weeks AS known WHERE known.written_at < now() - make_interval(days => keep_days)) THEN
        RETURN 0;
    END IF;
    PERFORM ops.plan_matching(true), pg_advisory_xact_lock(hashtext('newswire groups'));
    FOR old IN
        DELETE FROM news.fingerprint_weeks AS known
        WHERE known.written_at < now() - make_interval(days => keep_days)
        RETURNING known.week
    LOOP
        EXECUTE format('DROP TABLE news.%I', 'fingerprints_' || to_char(old, 'YYYY_MM_DD'));
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;

-- The copies by the rule in force.
CREATE OR REPLACE VIEW news.copies AS
SELECT duplicate.article_id,
    duplicate.original_id,
    duplicate.via_id,
    duplicate.kind,
    duplicate.containment,
    duplicate.jaccard,
    duplicate.title_share,
    duplicate.numbers,
    duplicate.numbers_alike,
    duplicate.reason,
    duplicate.first_reason,
    duplicate.decided_at,
    known.agency,
    known.words,
    version.syndicated_from
FROM ops.copy_rule AS rule
JOIN news.duplicates AS duplicate ON duplicate.signature = rule.in_force
LEFT JOIN news.text_keys AS known ON known.article_id = duplicate.article_id AND known.signature = rule.in_force
LEFT JOIN news.article_versions AS version ON version.version_id = known.version_id;

-- What says that a text came from elsewhere, for people: its page declares an address on another site, or its byline an agency.
CREATE OR REPLACE FUNCTION mart.syndication(declared text, agency text) RETURNS text
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT nullif(concat_ws('; ', 'declares ' || declared || ' as its source', 'its byline names ' || agency), '')
$$;
