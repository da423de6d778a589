-- Who reported the offer first, and who copied it?
-- One row a copy of the last 30 days: the original, the copy, how many hours later, and what proves it.
SELECT copy.original_publisher, copy.original_title, copy.publisher AS copied_by, copy.title, copy.kind, copy.hours_after, copy.reason
FROM mart.duplicates AS copy
JOIN mart.article_topics AS tag ON tag.article_id = copy.original_id AND tag.topic = 'ukraine-negotiations'
WHERE copy.day > now()::date - 30 AND tag.day > now()::date - 40
ORDER BY copy.original_url, copy.hours_after;
