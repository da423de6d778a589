-- The books of each feed, kept by whatever writes polls and entries, in the same transaction: always right, whoever writes.

-- Entries a day, with half an entry in two days beforehand: a feed of three entries is not sure of anything.
CREATE OR REPLACE FUNCTION ops.a_day(entries bigint, since timestamptz, until timestamptz) RETURNS float
LANGUAGE sql STABLE
AS $$
    SELECT (coalesce(entries, 0) + 0.5) / (coalesce(extract(epoch FROM until - since)::float / 86400, 0) + 2)
$$;

-- Sum up the books of these feeds. The usual rate is that of the four weeks before the last entry; what these seven days (today
-- and six before) should have brought goes by the four weeks before them.
CREATE OR REPLACE FUNCTION ops.sum_up(feed_ids bigint[]) RETURNS void
LANGUAGE sql
SET search_path = pg_catalog
AS $$
    INSERT INTO ops.feed_books AS sums (
        feed_id, booked_at, entries_7d, expected_7d, entries_a_day, date_quality, discovery_delay_s, polls_28d,
        not_modified_28d, overflows_28d, bytes_28d, bytes_saved_28d
    )
    SELECT feed.feed_id, now(), sums.entries_7d,
        CASE WHEN sums.before_7d > 0 OR feed.created_at < now() - interval '7 days'
            THEN ops.a_day(sums.before_7d, sums.before_7d_since, (today.day - 6)::timestamp AT TIME ZONE 'UTC') * (6 + today.gone)
        END,
        ops.a_day(sums.entries_28d, sums.entries_28d_since, feed.last_entry_at),
        sums.date_quality, sums.discovery_delay_s, sums.polls_28d, sums.not_modified_28d, sums.overflows_28d, sums.bytes_28d,
        coalesce(sums.not_modified_28d * sums.whole_bytes_28d / nullif(sums.whole_28d, 0), 0)
    FROM news.feeds AS feed
    CROSS JOIN (
        SELECT (now() AT TIME ZONE 'UTC')::date AS day,
            extract(epoch FROM now() - date_trunc('day', now(), 'UTC'))::float / 86400 AS gone
    ) AS today
    CROSS JOIN LATERAL (SELECT (feed.last_entry_at AT TIME ZONE 'UTC')::date AS day) AS last
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(book.entries) FILTER (WHERE book.day > today.day - 7), 0) AS entries_7d,
            sum(book.entries) FILTER (WHERE book.day BETWEEN today.day - 34 AND today.day - 7) AS before_7d,
            min(book.first_entry_at) FILTER (WHERE book.day BETWEEN today.day - 34 AND today.day - 7) AS before_7d_since,
            sum(book.entries) FILTER (WHERE book.day > last.day - 28) AS entries_28d,
            min(book.first_entry_at) FILTER (WHERE book.day > last.day - 28) AS entries_28d_since,
            jsonb_build_object(
                'exact', coalesce(sum(book.exact), 0), 'date_only', coalesce(sum(book.date_only), 0),
                'tz_assumed', coalesce(sum(book.tz_assumed), 0), 'future_clamped', coalesce(sum(book.future_clamped), 0),
                'missing', coalesce(sum(book.missing), 0), 'bad', coalesce(sum(book.bad), 0)) AS date_quality,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY book.discovery_delay_s) AS discovery_delay_s,
            coalesce(sum(book.polls) FILTER (WHERE book.day > today.day - 28), 0) AS polls_28d,
            coalesce(sum(book.not_modified) FILTER (WHERE book.day > today.day - 28), 0) AS not_modified_28d,
            coalesce(sum(book.overflows) FILTER (WHERE book.day > today.day - 28), 0) AS overflows_28d,
            coalesce(sum(book.wire_bytes) FILTER (WHERE book.day > today.day - 28), 0) AS bytes_28d,
            sum(book.whole) FILTER (WHERE book.day > today.day - 28) AS whole_28d,
            sum(book.whole_bytes) FILTER (WHERE book.day > today.day - 28) AS whole_bytes_28d
        FROM ops.feed_days AS book
        WHERE book.feed_id = feed.feed_id AND book.day > least(today.day - 35, last.day - 28)
    ) AS sums
    WHERE feed.feed_id = ANY (feed_ids)
    ORDER BY feed.feed_id
    ON CONFLICT (feed_id) DO UPDATE
    SET booked_at = excluded.booked_at, entries_7d = excluded.entries_7d, expected_7d = excluded.expected_7d,
        entries_a_day = excluded.entries_a_day, date_quality = excluded.date_quality,
        discovery_delay_s = excluded.discovery_delay_s, polls_28d = excluded.polls_28d,
        not_modified_28d = excluded.not_modified_28d, overflows_28d = excluded.overflows_28d,
        bytes_28d = excluded.bytes_28d, bytes_saved_28d = excluded.bytes_saved_28d;
$$;

CREATE OR REPLACE FUNCTION ops.book_polls() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    INSERT INTO ops.feed_days AS book (feed_id, day, polls, not_modified, whole, wire_bytes, whole_bytes, overflows)
    SELECT poll.feed_id,
        (poll.at AT TIME ZONE 'UTC')::date,
        count(*),
        count(*) FILTER (WHERE poll.status = 304),
        count(*) FILTER (WHERE poll.status = 200),
        coalesce(sum(poll.wire_bytes), 0),
        coalesce(sum(poll.wire_bytes) FILTER (WHERE poll.status = 200), 0),
        count(*) FILTER (WHERE poll.overflowed)
    FROM added AS poll
    JOIN news.feeds AS feed USING (feed_id)
    GROUP BY poll.feed_id, (poll.at AT TIME ZONE 'UTC')::date
    ORDER BY poll.feed_id, (poll.at AT TIME ZONE 'UTC')::date
    ON CONFLICT (feed_id, day) DO UPDATE
    SET polls = book.polls + excluded.polls,
        not_modified = book.not_modified + excluded.not_modified,
        whole = book.whole + excluded.whole,
        wire_bytes = book.wire_bytes + excluded.wire_bytes,
        whole_bytes = book.whole_bytes + excluded.whole_bytes,
        overflows = book.overflows + excluded.overflows;
    PERFORM ops.sum_up(ARRAY(SELECT DISTINCT one.feed_id FROM added AS one));
    RETURN NULL;
END
$$;

-- Imported history says nothing of polling. An entry counts for the day that it is of: it never moves to another, because its dates are those of its first sight.
CREATE OR REPLACE FUNCTION ops.book_entries() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    INSERT INTO ops.feed_days AS book (
        feed_id, day, entries, exact, date_only, tz_assumed, future_clamped, missing, bad, first_entry_at
    )
    SELECT entry.feed_id,
        (entry.at AT TIME ZONE 'UTC')::date,
        count(*),
        count(*) FILTER (WHERE entry.date_quality = 'exact'),
        count(*) FILTER (WHERE entry.date_quality = 'date_only'),
        count(*) FILTER (WHERE entry.date_quality = 'tz_assumed'),
        count(*) FILTER (WHERE entry.date_quality = 'future_clamped'),
        count(*) FILTER (WHERE entry.date_quality = 'missing'),
        count(*) FILTER (WHERE entry.date_quality = 'bad'),
        min(entry.at)
    FROM (
        SELECT one.feed_id, one.date_quality, least(one.published_at, one.first_seen_at) AS at
        FROM added AS one
        WHERE one.seen_by = 'live'
    ) AS entry
    GROUP BY entry.feed_id, (entry.at AT TIME ZONE 'UTC')::date
    ORDER BY entry.feed_id, (entry.at AT TIME ZONE 'UTC')::date
    ON CONFLICT (feed_id, day) DO UPDATE
    SET entries = book.entries + excluded.entries,
        exact = book.exact + excluded.exact,
        date_only = book.date_only + excluded.date_only,
        tz_assumed = book.tz_assumed + excluded.tz_assumed,
        future_clamped = book.future_clamped + excluded.future_clamped,
        missing = book.missing + excluded.missing,
        bad = book.bad + excluded.bad,
        first_entry_at = least(book.first_entry_at, excluded.first_entry_at);

    UPDATE news.feeds AS feed
    SET entries = feed.entries + came.entries,
        last_entry_at = greatest(feed.last_entry_at, came.last_entry_at)
    FROM (
        SELECT one.feed_id, count(*) AS entries, max(least(one.published_at, one.first_seen_at)) AS last_entry_at
        FROM added AS one
        WHERE one.seen_by = 'live'
        GROUP BY one.feed_id
    ) AS came
    WHERE came.feed_id = feed.feed_id;

    -- How long entries of the day had been out there when they were found: the median, so it is made anew from that day's.
    UPDATE ops.feed_days AS book
    SET discovery_delay_s = found.delay_s
    FROM (
        SELECT entry.feed_id,
            (entry.first_seen_at AT TIME ZONE 'UTC')::date AS day,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM entry.first_seen_at - entry.published_at)) AS delay_s
        FROM (
            SELECT one.feed_id, min(one.first_seen_at) AS first_seen_at
            FROM added AS one
            WHERE one.seen_by = 'live'
            GROUP BY one.feed_id
        ) AS came
        JOIN news.feeds AS feed USING (feed_id)
        JOIN news.entries AS entry
            ON entry.feed_id = came.feed_id
            AND entry.first_seen_at >= date_trunc('day', came.first_seen_at, 'UTC')
            AND entry.published_at >= feed.created_at
            AND entry.date_quality = 'exact' AND entry.seen_by = 'live'
        GROUP BY entry.feed_id, (entry.first_seen_at AT TIME ZONE 'UTC')::date
    ) AS found
    WHERE book.feed_id = found.feed_id AND book.day = found.day;
    PERFORM ops.sum_up(ARRAY(SELECT DISTINCT one.feed_id FROM added AS one WHERE one.seen_by = 'live'));
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER book_polls AFTER INSERT ON ops.polls
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ops.book_polls();

CREATE OR REPLACE TRIGGER book_entries AFTER INSERT ON news.entries
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ops.book_entries();

-- What was there before this file, or before it changed.
SELECT ops.sum_up(ARRAY(SELECT feed.feed_id FROM news.feeds AS feed));
