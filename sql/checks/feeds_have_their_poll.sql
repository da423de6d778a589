-- error: a feed has no poll row, so it will never be asked again
SELECT feed.feed_id, feed.url
FROM news.feeds AS feed
WHERE feed.removed_at IS NULL
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'poll' AND work.key = feed.feed_id);
