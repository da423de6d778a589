-- The books of each feed, by day and summed up, so that its health is not read from polls and entries; the connection whose
-- credential a feed is asked with; and feeds that are removed while what they brought stays.
DROP VIEW IF EXISTS mart.feed_health;  -- made anew by repeatable/: its columns change

ALTER TABLE news.feeds
    ADD connection text,
    ADD removed_at timestamptz,
    ADD last_success_at timestamptz,
    ADD failing_since timestamptz,
    ADD entries bigint NOT NULL DEFAULT 0,
    ADD last_entry_at timestamptz;

CREATE TABLE ops.feed_days (
    feed_id bigint NOT NULL REFERENCES news.feeds,
    day date NOT NULL,
    polls integer NOT NULL DEFAULT 0,
    not_modified integer NOT NULL DEFAULT 0,
    whole integer NOT NULL DEFAULT 0,
    wire_bytes bigint NOT NULL DEFAULT 0,
    whole_bytes bigint NOT NULL DEFAULT 0,
    overflows integer NOT NULL DEFAULT 0,
    entries integer NOT NULL DEFAULT 0,
    exact integer NOT NULL DEFAULT 0,
    date_only integer NOT NULL DEFAULT 0,
    tz_assumed integer NOT NULL DEFAULT 0,
    future_clamped integer NOT NULL DEFAULT 0,
    missing integer NOT NULL DEFAULT 0,
    bad integer NOT NULL DEFAULT 0,
    first_entry_at timestamptz,
    discovery_delay_s double precision,
    PRIMARY KEY (feed_id, day)
);

CREATE TABLE ops.feed_books (
    feed_id bigint PRIMARY KEY REFERENCES news.feeds,
    booked_at timestamptz NOT NULL,
    entries_7d bigint NOT NULL,
    expected_7d double precision,
    entries_a_day double precision NOT NULL,
    date_quality jsonb NOT NULL,
    discovery_delay_s double precision,
    polls_28d bigint NOT NULL,
    not_modified_28d bigint NOT NULL,
    overflows_28d bigint NOT NULL,
    bytes_28d bigint NOT NULL,
    bytes_saved_28d bigint NOT NULL
);

-- What was there before the books were kept.
INSERT INTO ops.feed_days (feed_id, day, polls, not_modified, whole, wire_bytes, whole_bytes, overflows)
SELECT poll.feed_id, (poll.at AT TIME ZONE 'UTC')::date, count(*), count(*) FILTER (WHERE poll.status = 304),
    count(*) FILTER (WHERE poll.status = 200), coalesce(sum(poll.wire_bytes), 0),
    coalesce(sum(poll.wire_bytes) FILTER (WHERE poll.status = 200), 0), count(*) FILTER (WHERE poll.overflowed)
FROM ops.polls AS poll
JOIN news.feeds AS feed USING (feed_id)
GROUP BY poll.feed_id, (poll.at AT TIME ZONE 'UTC')::date;

INSERT INTO ops.feed_days AS book (feed_id, day, entries, exact, date_only, tz_assumed, future_clamped, missing, bad, first_entry_at)
SELECT entry.feed_id, (least(entry.published_at, entry.first_seen_at) AT TIME ZONE 'UTC')::date, count(*),
    count(*) FILTER (WHERE entry.date_quality = 'exact'), count(*) FILTER (WHERE entry.date_quality = 'date_only'),
    count(*) FILTER (WHERE entry.date_quality = 'tz_assumed'), count(*) FILTER (WHERE entry.date_quality = 'future_clamped'),
    count(*) FILTER (WHERE entry.date_quality = 'missing'), count(*) FILTER (WHERE entry.date_quality = 'bad'),
    min(least(entry.published_at, entry.first_seen_at))
FROM news.entries AS entry
GROUP BY entry.feed_id, (least(entry.published_at, entry.first_seen_at) AT TIME ZONE 'UTC')::date
ON CONFLICT (feed_id, day) DO UPDATE
SET entries = excluded.entries, exact = excluded.exact, date_only = excluded.date_only, tz_assumed = excluded.tz_assumed,
    future_clamped = excluded.future_clamped, missing = excluded.missing, bad = excluded.bad,
    first_entry_at = excluded.first_entry_at;

UPDATE news.feeds AS feed
SET entries = had.entries, last_entry_at = had.last_entry_at
FROM (
    SELECT entry.feed_id, count(*) AS entries, max(least(entry.published_at, entry.first_seen_at)) AS last_entry_at
    FROM news.entries AS entry
    GROUP BY entry.feed_id
) AS had
WHERE had.feed_id = feed.feed_id;

UPDATE news.feeds AS feed
SET last_success_at = success.at,
    failing_since = CASE WHEN feed.failures > 0 THEN (
        SELECT min(poll.at) FROM ops.polls AS poll
        WHERE poll.feed_id = feed.feed_id AND poll.at > coalesce(success.at, '-infinity')) END
FROM (
    SELECT poll.feed_id, max(poll.at) FILTER (WHERE poll.outcome IN ('changed', 'unchanged')) AS at
    FROM ops.polls AS poll
    GROUP BY poll.feed_id
) AS success
WHERE success.feed_id = feed.feed_id;
