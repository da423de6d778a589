-- error: an article's current text is not fingerprinted, and nobody works on it
SELECT article.article_id, article.current_version_id, fingerprint.version_id
FROM news.articles AS article
LEFT JOIN news.fingerprints AS fingerprint USING (article_id)
WHERE fingerprint.version_id IS DISTINCT FROM article.current_version_id
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'group' AND work.key = article.article_id)
    AND NOT EXISTS (
        SELECT FROM ops.dead_letters AS letter WHERE letter.stage = 'group' AND letter.key = article.article_id);
