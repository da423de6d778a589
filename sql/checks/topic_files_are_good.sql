-- warning: a topic file cannot be used; the last good version stays in force
SELECT topic.slug, topic.problem
FROM news.topics AS topic
WHERE topic.problem IS NOT NULL;
