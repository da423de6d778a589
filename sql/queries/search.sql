-- name: articles -> Hit
-- The articles that a query finds, best first.
SELECT hit.url,
    hit.title,
    hit.language,
    hit.publisher,
    hit.country,
    hit.at,
    hit.is_copy,
    hit.score,
    hit.headline
FROM mart.search_articles(
    %(query)s::text, %(languages)s::text[], %(topics)s::text[], %(since)s::timestamptz, %(until)s::timestamptz,
    %(originals_only)s::boolean, %(limit)s::integer
) AS hit;

-- name: refresh -> Refreshed
-- Make documents again that are missing or of another version, newest articles first.
SELECT news.index_for_search(array_agg(stale.article_id)) AS made
FROM (
    SELECT article.article_id
    FROM news.articles AS article
    LEFT JOIN news.search_documents AS document USING (article_id)
    WHERE article.current_version_id IS NOT NULL AND document.search_version IS DISTINCT FROM news.search_version()
    ORDER BY article.at DESC
    LIMIT %(limit)s::integer
) AS stale;
