-- name: save -> SavedArticle
-- Articles and their versions: an article's day is set once, a version is appended once, the newest reading is current.
-- A feed or sitemap that claims a later time than the page itself (as a date of change does) gives way to the page.
WITH read AS (
    SELECT read.*, own.address_id AS own_id, publisher.publisher_id, seen.seen_at,
        coalesce(read.published_at, '-infinity') BETWEEN seen.seen_at - interval '7 days'
            AND seen.seen_at + interval '1 hour' AS plausible
    FROM unnest(
        %(address_ids)s::bigint[], %(own_keys)s::bytea[], %(urls)s::text[], %(domains)s::text[], %(page_ids)s::bigint[], %(titles)s::text[],
        %(texts)s::text[], %(summaries)s::text[], %(languages)s::text[], %(authors)s::jsonb[], %(site_names)s::text[],
        %(text_sources)s::text[], %(extractors)s::text[], %(content_sha256s)s::bytea[], %(published_ats)s::timestamptz[],
        %(published_sources)s::text[], %(published_precisions)s::text[], %(first_seen_ats)s::timestamptz[],
        %(seen_bys)s::text[], %(kinds)s::text[], %(scores)s::real[], %(flags)s::jsonb[], %(methods)s::text[],
        %(language_confidences)s::real[], %(modified_ats)s::timestamptz[], %(standfirsts)s::text[], %(sections)s::text[],
        %(image_urls)s::text[], %(are_free)s::boolean[], %(syndicated_froms)s::text[]
    ) AS read (
        address_id, own_key, url, domain, page_id, title, text, summary, language, authors, site_name, text_source, extractor,
        content_sha256, published_at, published_source, published_precision, first_seen_at, seen_by, kind, score, flags, method,
        language_confidence, modified_at, standfirst, section, image_url, is_free, syndicated_from
    )
    CROSS JOIN LATERAL (
        SELECT CASE WHEN read.seen_by = 'claim' AND read.published_at >= '1995-01-01Z'  -- no news on the web is older
            THEN least(read.first_seen_at, read.published_at) ELSE read.first_seen_at END AS seen_at
    ) AS seen
    JOIN news.addresses AS own ON own.address_key = read.own_key AND own.erasure_id IS NULL
    JOIN news.publishers AS publisher ON publisher.domain = read.domain
), newest AS (
    -- Two addresses of a batch may lead to one article: the one that was seen last speaks for it, of equals the later page.
    SELECT DISTINCT ON (read.own_id) read.*
    FROM read
    JOIN news.addresses AS address ON address.address_id = read.address_id
    ORDER BY read.own_id, address.fetched_at DESC NULLS LAST, read.page_id DESC NULLS LAST, read.address_id DESC
), known AS (
    -- What is there already and would say the same: not written again, so that reading a day twice leaves no trace.
    SELECT article.article_id, article.address_id, article.day, article.current_version_id
    FROM newest
    JOIN news.articles AS article ON article.address_id = newest.own_id
    WHERE article.url = newest.url AND (article.published_at IS NOT NULL OR newest.published_at IS NULL)
), written AS (
    INSERT INTO news.articles AS article (
        address_id, url, publisher_id, first_seen_at, seen_by, published_at, published_source, published_precision, at, day
    )
    SELECT newest.own_id, newest.url, newest.publisher_id, newest.seen_at, newest.seen_by, newest.published_at,
        newest.published_source, newest.published_precision,
        CASE WHEN newest.plausible THEN newest.published_at ELSE newest.seen_at END,
        ((CASE WHEN newest.plausible THEN newest.published_at ELSE newest.seen_at END) AT TIME ZONE 'UTC')::date
    FROM newest
    WHERE newest.own_id NOT IN (SELECT known.address_id FROM known)
    ORDER BY newest.own_id
    ON CONFLICT (address_id) DO UPDATE
    SET url = excluded.url, published_at = coalesce(article.published_at, excluded.published_at),
        published_source = CASE WHEN article.published_at IS NULL THEN excluded.published_source ELSE article.published_source END,
        published_precision = CASE WHEN article.published_at IS NULL THEN excluded.published_precision
            ELSE article.published_precision END
    RETURNING article.article_id, article.address_id, article.day, article.current_version_id
), article AS (
    SELECT known.article_id, known.address_id, known.day, known.current_version_id FROM known
    UNION ALL
    SELECT written.article_id, written.address_id, written.day, written.current_version_id FROM written
), reading AS (
    SELECT article.article_id, newest.*, ARRAY(SELECT jsonb_array_elements_text(newest.authors)) AS names,
        ARRAY(SELECT jsonb_array_elements_text(newest.flags)) AS remarks
    FROM newest
    JOIN article ON article.address_id = newest.own_id
), same AS (
    SELECT version.version_id, version.article_id
    FROM reading
    JOIN news.article_versions AS version USING (article_id, content_sha256)
    WHERE (version.extractor, version.page_id, version.language, version.authors, version.summary, version.kind,
            version.score, version.flags, version.method, version.language_confidence, version.modified_at,
            version.standfirst, version.section, version.image_url, version.is_free, version.syndicated_from)
        IS NOT DISTINCT FROM (reading.extractor, reading.page_id, reading.language, reading.names, reading.summary,
            reading.kind, reading.score, reading.remarks, reading.method, reading.language_confidence,
            reading.modified_at, reading.standfirst, reading.section, reading.image_url, reading.is_free,
            reading.syndicated_from)
), appended AS (
    INSERT INTO news.article_versions AS version (
        article_id, content_sha256, title, text, summary, language, authors, site_name, text_source, page_id, extractor,
        kind, score, flags, method, language_confidence, modified_at, standfirst, section, image_url, is_free, syndicated_from
    )
    SELECT reading.article_id, reading.content_sha256, reading.title, reading.text, reading.summary, reading.language,
        reading.names, reading.site_name, reading.text_source, reading.page_id, reading.extractor, reading.kind,
        reading.score, reading.remarks, reading.method, reading.language_confidence, reading.modified_at,
        reading.standfirst, reading.section, reading.image_url, reading.is_free, reading.syndicated_from
    FROM reading
    WHERE reading.article_id NOT IN (SELECT same.article_id FROM same)
    ORDER BY reading.article_id
    -- The same text read otherwise: it says now by what it was read, and is the current one.
    ON CONFLICT (article_id, content_sha256) DO UPDATE
    SET extractor = excluded.extractor, page_id = excluded.page_id, language = excluded.language,
        authors = excluded.authors, kind = excluded.kind, score = excluded.score,
        flags = excluded.flags, method = excluded.method, language_confidence = excluded.language_confidence,
        modified_at = excluded.modified_at, section = excluded.section,
        image_url = excluded.image_url, is_free = excluded.is_free, syndicated_from = excluded.syndicated_from,
        -- What was let go stays away.
        summary = CASE WHEN version.emptied_at IS NULL THEN excluded.summary END,
        standfirst = CASE WHEN version.emptied_at IS NULL THEN excluded.standfirst END
    RETURNING version.version_id, version.article_id
), version AS (
    SELECT same.version_id, same.article_id FROM same
    UNION ALL
    SELECT appended.version_id, appended.article_id FROM appended
)
SELECT read.address_id,
    article.article_id,
    version.version_id,
    article.current_version_id IS DISTINCT FROM version.version_id AS changed,
    article.current_version_id IS NOT NULL AND article.current_version_id <> version.version_id AS revised,
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

-- name: count_revisions
-- Articles that another look found changed, for their publishers.
UPDATE news.publishers AS publisher
SET revisions = publisher.revisions + revised.articles
FROM (
    SELECT article.publisher_id, count(*) AS articles
    FROM news.articles AS article
    WHERE article.article_id = ANY (%(article_ids)s::bigint[])
    GROUP BY article.publisher_id
) AS revised
WHERE publisher.publisher_id = revised.publisher_id;

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
WHERE article.article_id = ANY (%(keys)s::bigint[]) AND version.emptied_at IS NULL
ORDER BY article.article_id;

-- name: newest -> ArticleText
-- The current versions of the newest articles.
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
ORDER BY article.article_id DESC
LIMIT %(limit)s::integer;

-- name: to_group -> ArticleKey
-- The articles of a day that a rebuild groups again: all, or those whose current text was not grouped by this rule.
SELECT article.article_id
FROM news.articles_in_scope(%(day)s::date, %(publishers)s::text[], %(feeds)s::text[], %(languages)s::text[]) AS article
LEFT JOIN news.text_keys AS known ON known.article_id = article.article_id AND known.signature = %(signature)s::text
WHERE %(force)s::boolean OR known.version_id IS DISTINCT FROM article.current_version_id
ORDER BY article.article_id
LIMIT %(limit)s::integer;

-- name: to_tag -> ArticleKey
-- The articles of a day that a rebuild tags again: all, or those not looked at by these definitions and this engine.
SELECT article.article_id
FROM news.articles_in_scope(%(day)s::date, %(publishers)s::text[], %(feeds)s::text[], %(languages)s::text[]) AS article
LEFT JOIN news.article_taggings AS tagging ON tagging.article_id = article.article_id
WHERE %(force)s::boolean OR (tagging.version_id, tagging.definitions_sha256, tagging.engine)
    IS DISTINCT FROM (article.current_version_id, %(definitions_sha256)s::bytea, %(engine)s::text)
ORDER BY article.article_id
LIMIT %(limit)s::integer;

-- name: known_at -> KnownArticle
-- The article that an address leads to.
SELECT article.article_id,
    article.url,
    article.title,
    article.language,
    article.publisher,
    article.published_at,
    article.first_seen_at,
    article.gone_since,
    article.original_url,
    article.copies::integer,
    article.characters,
    article.text_source,
    (SELECT min(every.recheck_at) FROM news.addresses AS every WHERE every.article_id = article.article_id) AS looks_again_at
FROM news.addresses AS address
JOIN mart.articles AS article ON article.article_id = address.article_id
WHERE address.address_key = %(address_key)s::bytea;

-- name: versions_of -> VersionText
-- Every version of an article, the first one first.
SELECT revision.version,
    revision.seen_at,
    revision.why,
    revision.is_current,
    revision.changed_share,
    version.extractor,
    version.title,
    version.text
FROM mart.revisions AS revision
JOIN (
    SELECT every.extractor, every.title, every.text, row_number() OVER (ORDER BY every.version_id) AS number
    FROM news.article_versions AS every
    WHERE every.article_id = %(article_id)s::bigint
) AS version ON version.number = revision.version
WHERE revision.article_id = %(article_id)s::bigint
ORDER BY revision.version;

-- name: tags_of -> TagLine
SELECT tag.topic, tag.level, tag.score::float AS score, tag.evidence
FROM mart.article_topics AS tag
WHERE tag.article_id = %(article_id)s::bigint
ORDER BY tag.score DESC, tag.topic;

-- name: related_to -> RelatedUrl
-- Addresses that lead to an article, and articles that repeat it.
SELECT 'also at' AS relation, address.url
FROM news.addresses AS address
JOIN news.articles AS article ON article.article_id = address.article_id
WHERE address.article_id = %(article_id)s::bigint AND address.address_id <> article.address_id
UNION ALL
SELECT 'repeated by', copy.url
FROM mart.duplicates AS copy
WHERE copy.original_id = %(article_id)s::bigint
ORDER BY relation, url;

-- name: days -> ArticleDay
SELECT article.article_id, article.day
FROM news.articles AS article
WHERE article.article_id = ANY (%(keys)s::bigint[])
ORDER BY article.article_id;

-- name: named -> ArticleDay
-- An article by its number, or by any address that leads to it.
SELECT article.article_id, article.day
FROM news.articles AS article
WHERE article.article_id = %(article_id)s::bigint
    OR article.article_id = (
        SELECT address.article_id FROM news.addresses AS address WHERE address.address_key = %(address_key)s::bytea);
