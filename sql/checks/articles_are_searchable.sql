-- warning hourly: an article cannot be found by search, or by an older making of it; check_warehouse makes 5,000 each time
SELECT article.article_id, document.search_version
FROM news.articles AS article
LEFT JOIN news.search_documents AS document USING (article_id)
WHERE article.current_version_id IS NOT NULL AND document.search_version IS DISTINCT FROM news.search_version();
