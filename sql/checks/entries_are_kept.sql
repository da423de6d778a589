-- error hourly: the polls of a feed brought more entries than it has: committed entries have vanished
SELECT feed.feed_id, feed.url, polled.new_entries, kept.entries
FROM news.feeds AS feed
CROSS JOIN LATERAL (
    SELECT coalesce(sum(poll.new_entries), 0) AS new_entries
    FROM ops.polls AS poll
    WHERE poll.feed_id = feed.feed_id
) AS polled
CROSS JOIN LATERAL (
    SELECT count(*) AS entries
    FROM news.entries AS entry
    WHERE entry.feed_id = feed.feed_id
) AS kept
WHERE kept.entries < polled.new_entries;
