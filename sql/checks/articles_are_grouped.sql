-- error: an article's current text was not grouped, and nobody works on it
SELECT article.article_id, article.current_version_id
FROM news.articles AS article
WHERE NOT EXISTS (
        SELECT FROM news.text_keys AS known
        WHERE known.article_id = article.article_id AND known.version_id = article.current_version_id)
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'group' AND work.key = article.article_id)
    AND NOT EXISTS (
        SELECT FROM ops.dead_letters AS letter WHERE letter.stage = 'group' AND letter.key = article.article_id);
