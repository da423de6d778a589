-- What is the newest of each topic?
-- Three originals a topic of the last 30 days, the newest first.
SELECT newest.topic, newest.at, newest.language, newest.publisher, newest.title, newest.evidence, newest.url
FROM (
    SELECT tag.*, row_number() OVER (PARTITION BY tag.topic ORDER BY tag.at DESC, tag.article_id) AS place
    FROM mart.article_topics AS tag
    WHERE NOT tag.is_copy AND tag.day > now()::date - 30
) AS newest
WHERE newest.place <= 3
ORDER BY newest.topic, newest.at DESC;
