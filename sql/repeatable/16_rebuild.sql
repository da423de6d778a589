-- The articles of a day that a rebuild covers. An empty list narrows nothing; a language covers its variants (pt: pt-BR).
CREATE OR REPLACE FUNCTION news.articles_in_scope(
    wanted_day date, publishers text[], feeds text[], languages text[]
) RETURNS SETOF news.articles
LANGUAGE sql STABLE
SET search_path = pg_catalog
AS $$
    SELECT article.*
    FROM news.articles AS article
    WHERE article.day = wanted_day
        AND EXISTS (  -- a text that is not kept any longer is not judged again
            SELECT FROM news.article_versions AS current
            WHERE current.version_id = article.current_version_id AND current.emptied_at IS NULL)
        AND (cardinality(publishers) = 0 OR EXISTS (
            SELECT FROM news.publishers AS publisher
            WHERE publisher.publisher_id = article.publisher_id AND publisher.domain = ANY (publishers)))
        AND (cardinality(feeds) = 0 OR EXISTS (
            SELECT FROM news.addresses AS address
            JOIN news.entries AS entry USING (address_id)
            JOIN news.feeds AS feed USING (feed_id)
            WHERE address.article_id = article.article_id AND feed.url = ANY (feeds)))
        AND (cardinality(languages) = 0 OR EXISTS (
            SELECT FROM news.article_versions AS version
            WHERE version.version_id = article.current_version_id
                AND (version.language = ANY (languages) OR split_part(version.language, '-', 1) = ANY (languages))))
$$;
