-- name: save -> SavedArticle
-- Articles and their versions: an article's day is set once, a version is appended once, the newest reading is current.
WITH read AS (
    SELECT read.*, own.address_id AS own_id, publisher.publisher_id,
        coalesce(read.published_at, '-infinity') BETWEEN read.first_seen_at - interval '7 days'
            AND read.first_seen_at + interval '1 hour' AS plausible
    FROM unnest(
        %(address_ids)s::bigint[], %(own_keys)s::bytea[], %(urls)s::text[], %(domains)s::text[], %(page_ids)s::bigint[], %(titles)s::text[],
        %(texts)s::text[], %(summaries)s::text[], %(languages)s::text[], %(authors)s::jsonb[], %(site_names)s::text[],
        %(text_sources)s::text[], %(extractors)s::text[], %(content_sha256s)s::bytea[], %(published_ats)s::timestamptz[],
        %(first_seen_ats)s::timestamptz[]
    ) AS read (
        address_id, own_key, url, domain, page_id, title, text, summary, language, authors, site_name, text_source, extractor,
        content_sha256, published_at, first_seen_at
    )
    JOIN news.addresses AS own ON own.address_key = read.own_key
    JOIN news.publishers AS publisher ON publisher.domain = read.domain
), newest AS (
    -- Two addresses of a batch may lead to one article: the later page speaks for it.
    SELECT DISTINCT ON (read.own_id) read.*
    FROM read
    ORDER BY read.own_id, read.page_id DESC NULLS LAST, read.address_id DESC
), article AS (
    INSERT INTO news.articles AS article (
        address_id, url, publisher_id, first_seen_at, seen_by, published_at, at, day
    )
    SELECT newest.own_id, newest.url, newest.publisher_id, newest.first_seen_at, 'live', newest.published_at,
        CASE WHEN newest.plausible THEN newest.published_at ELSE newest.first_seen_at END,
        ((CASE WHEN newest.plausible THEN newest.published_at ELSE newest.first_seen_at END) AT TIME ZONE 'UTC')::date
    FROM newest
    ORDER BY newest.own_id
    ON CONFLICT (address_id) DO UPDATE
    SET url = excluded.url, published_at = coalesce(article.published_at, excluded.published_at)
    RETURNING article.article_id, article.address_id, article.day, article.current_version_id
), version AS (
    INSERT INTO news.article_versions AS version (
        article_id, content_sha256, title, text, summary, language, authors, site_name, text_source, page_id, extractor
    )
    SELECT article.article_id, newest.content_sha256, newest.title, newest.text, newest.summary, newest.language,
        ARRAY(SELECT jsonb_array_elements_text(newest.authors)), newest.site_name, newest.text_source, newest.page_id,
        newest.extractor
    FROM newest
    JOIN article ON article.address_id = newest.own_id
    ORDER BY article.article_id
    -- The same text read again: it says now by what it was read, and is the current one.
    ON CONFLICT (article_id, content_sha256) DO UPDATE
    SET extractor = excluded.extractor, page_id = excluded.page_id, language = excluded.language,
        authors = excluded.authors, summary = excluded.summary
    RETURNING version.version_id, version.article_id
)
SELECT read.address_id,
    article.article_id,
    version.version_id,
    article.current_version_id IS DISTINCT FROM version.version_id AS changed,
    article.day
FROM read
JOIN article ON article.address_id = read.own_id
JOIN version ON version.article_id = article.article_id
ORDER BY read.address_id;

-- name: make_current
UPDATE news.articles AS article
SET current_version_id = saved.version_id
FROM unnest(%(article_ids)s::bigint[], %(version_ids)s::bigint[]) AS saved (article_id, version_id)
WHERE article.article_id = saved.article_id AND article.current_version_id IS DISTINCT FROM saved.version_id;

-- name: link_addresses
-- Which article each address leads to: the one that was asked for and the article's own.
UPDATE news.addresses AS address
SET article_id = linked.article_id, no_article = NULL
FROM (
    SELECT saved.address_id, saved.article_id
    FROM unnest(%(address_ids)s::bigint[], %(article_ids)s::bigint[]) AS saved (address_id, article_id)
    UNION
    SELECT article.address_id, article.article_id
    FROM news.articles AS article
    WHERE article.article_id = ANY (%(article_ids)s::bigint[])
) AS linked
WHERE address.address_id = linked.address_id AND address.article_id IS DISTINCT FROM linked.article_id;

-- name: record_no_article
-- Why an address gave no article; one that has an article keeps it.
UPDATE news.addresses AS address
SET no_article = refused.reason
FROM unnest(%(address_ids)s::bigint[], %(reasons)s::text[]) AS refused (address_id, reason)
WHERE address.address_id = refused.address_id AND address.article_id IS NULL;

-- name: texts -> ArticleText
-- The current versions of these articles.
SELECT article.article_id,
    version.version_id,
    article.url,
    version.title,
    version.text,
    version.summary,
    version.language,
    article.day
FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
WHERE article.article_id = ANY (%(keys)s::bigint[])
ORDER BY article.article_id;

-- name: to_group -> ArticleKey
-- The articles of a day that a rebuild groups again: all, or those whose current text was not grouped by this rule.
SELECT article.article_id
FROM news.articles AS article
JOIN news.publishers AS publisher ON publisher.publisher_id = article.publisher_id
LEFT JOIN news.text_keys AS known ON known.article_id = article.article_id AND known.signature = %(signature)s::text
WHERE article.day = %(day)s::date AND article.current_version_id IS NOT NULL
    AND (cardinality(%(domains)s::text[]) = 0 OR publisher.domain = ANY (%(domains)s::text[]))
    AND (%(force)s::boolean OR known.version_id IS DISTINCT FROM article.current_version_id)
ORDER BY article.article_id;

-- name: to_tag -> ArticleKey
-- The articles of a day that a rebuild tags again: all, or those not looked at by these definitions and this engine.
SELECT article.article_id
FROM news.articles AS article
JOIN news.publishers AS publisher ON publisher.publisher_id = article.publisher_id
LEFT JOIN news.article_taggings AS tagging ON tagging.article_id = article.article_id
WHERE article.day = %(day)s::date AND article.current_version_id IS NOT NULL
    AND (cardinality(%(domains)s::text[]) = 0 OR publisher.domain = ANY (%(domains)s::text[]))
    AND (%(force)s::boolean OR (tagging.version_id, tagging.definitions_sha256, tagging.engine)
        IS DISTINCT FROM (article.current_version_id, %(definitions_sha256)s::bytea, %(engine)s::text))
ORDER BY article.article_id;

-- name: days -> ArticleDay
SELECT article.article_id, article.day
FROM news.articles AS article
WHERE article.article_id = ANY (%(keys)s::bigint[])
ORDER BY article.article_id;
