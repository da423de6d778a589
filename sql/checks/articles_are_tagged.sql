-- error: no topic has looked at an article's current text, and nobody works on it
SELECT article.article_id, article.current_version_id, tagging.version_id
FROM news.articles AS article
LEFT JOIN news.article_taggings AS tagging USING (article_id)
WHERE tagging.version_id IS DISTINCT FROM article.current_version_id
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'tag' AND work.key = article.article_id)
    AND NOT EXISTS (
        SELECT FROM ops.dead_letters AS letter WHERE letter.stage = 'tag' AND letter.key = article.article_id);
