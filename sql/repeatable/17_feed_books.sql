-- The books of each feed, kept by whatever writes polls and entries, in the same transaction: always right, whoever writes.

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
    RETURN NULL;
END
$$;

-- An entry counts for the day that it is of: it never moves to another, because its dates are those of its first sight.
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
    FROM (SELECT one.feed_id, one.date_quality, least(one.published_at, one.first_seen_at) AS at FROM added AS one) AS entry
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
        FROM (SELECT one.feed_id, min(one.first_seen_at) AS first_seen_at FROM added AS one GROUP BY one.feed_id) AS came
        JOIN news.feeds AS feed USING (feed_id)
        JOIN news.entries AS entry
            ON entry.feed_id = came.feed_id
            AND entry.first_seen_at >= date_trunc('day', came.first_seen_at, 'UTC')
            AND entry.published_at >= feed.created_at
            AND entry.date_quality = 'exact'
        GROUP BY entry.feed_id, (entry.first_seen_at AT TIME ZONE 'UTC')::date
    ) AS found
    WHERE book.feed_id = found.feed_id AND book.day = found.day;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER book_polls AFTER INSERT ON ops.polls
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ops.book_polls();

CREATE OR REPLACE TRIGGER book_entries AFTER INSERT ON news.entries
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ops.book_entries();
