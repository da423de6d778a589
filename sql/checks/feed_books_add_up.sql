-- error: the books of a feed differ from its entries, so its health is wrong
SELECT feed.feed_id, feed.url, feed.entries AS counted, booked.entries AS booked
FROM news.feeds AS feed
LEFT JOIN (
    SELECT book.feed_id, sum(book.entries) AS entries FROM ops.feed_days AS book GROUP BY book.feed_id
) AS booked USING (feed_id)
WHERE feed.entries <> coalesce(booked.entries, 0);
