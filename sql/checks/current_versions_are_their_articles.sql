-- error: an article's current version is missing or belongs to another article
SELECT article.article_id, article.current_version_id, version.article_id AS belongs_to
FROM news.articles AS article
LEFT JOIN news.article_versions AS version ON version.version_id = article.current_version_id
WHERE version.article_id IS DISTINCT FROM article.article_id;
