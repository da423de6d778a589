-- name: ensure
-- A row for each address, whoever brings it first.
INSERT INTO news.addresses (address_key, url, host)
SELECT DISTINCT ON (wanted.address_key) wanted.address_key, wanted.url, wanted.host
FROM unnest(%(address_keys)s::bytea[], %(urls)s::text[], %(hosts)s::text[]) AS wanted (address_key, url, host)
ORDER BY wanted.address_key, wanted.url
ON CONFLICT (address_key) DO NOTHING;

-- name: requests -> PageRequest
-- What a fetch needs to know of these addresses, and how urgent it is.
SELECT address.address_id,
    address.url,
    address.host,
    coalesce(work.priority, 0)::integer AS priority,
    address.page_id,
    CASE WHEN address.page_id IS NOT NULL THEN address.etag END AS etag,
    CASE WHEN address.page_id IS NOT NULL THEN address.last_modified END AS last_modified,
    least(address.created_at, entry.published_at) AS born_at,
    address.fetched_at,
    revision.at AS revised_at,
    address.gone_answers,
    address.gone_first_at,
    address.gone_since,
    coalesce(publisher.rechecks, 0) AS site_rechecks,
    coalesce(publisher.revisions, 0) AS site_revisions
FROM news.addresses AS address
LEFT JOIN news.articles AS article ON article.article_id = address.article_id
LEFT JOIN LATERAL (
    SELECT entry.published_at, feed.publisher_id
    FROM news.entries AS entry
    JOIN news.feeds AS feed ON feed.feed_id = entry.feed_id
    WHERE entry.address_id = address.address_id
    ORDER BY entry.first_seen_at, entry.entry_id
    LIMIT 1
) AS entry ON true
LEFT JOIN news.publishers AS publisher ON publisher.publisher_id = coalesce(article.publisher_id, entry.publisher_id)
LEFT JOIN LATERAL (
    SELECT max(version.created_at) AS at
    FROM news.article_versions AS version
    WHERE version.article_id = article.article_id
    HAVING count(*) > 1
) AS revision ON true
LEFT JOIN ops.work AS work ON work.stage = 'fetch' AND work.key = address.address_id
WHERE address.address_id = ANY (%(keys)s::bigint[]) AND address.erasure_id IS NULL
ORDER BY address.address_id;

-- name: sources -> Source
-- What each address has to make an article of: its newest page, and the entry that first led to it. Who saw it live is
-- believed over what claims to be older.
SELECT address.address_id,
    address.url,
    address.fetch_outcome,
    page.page_id,
    page.final_url,
    page.content_type,
    page.fetched_at,
    page.archive_path,
    page.archive_offset,
    page.archive_length,
    page.body_sha256,
    entry.title AS entry_title,
    entry.summary AS entry_summary,
    entry.content AS entry_content,
    entry.language AS entry_language,
    coalesce(entry.authors, '{}') AS entry_authors,
    entry.published_at AS entry_published_at,
    entry.date_quality AS entry_date_quality,
    coalesce(entry.first_seen_at, page.fetched_at, address.created_at) AS first_seen_at,
    coalesce(entry.seen_by, page.seen_by, 'live') AS seen_by
FROM news.addresses AS address
LEFT JOIN news.pages AS page ON page.page_id = address.page_id
LEFT JOIN LATERAL (
    SELECT entry.title, entry.summary, entry.content, entry.language, entry.authors, entry.published_at, entry.date_quality,
        entry.first_seen_at, entry.seen_by
    FROM news.entries AS entry
    WHERE entry.address_id = address.address_id
    ORDER BY entry.seen_by = 'claim', entry.first_seen_at, entry.entry_id
    LIMIT 1
) AS entry ON true
WHERE address.address_id = ANY (%(keys)s::bigint[]) AND address.erasure_id IS NULL
ORDER BY address.address_id;

-- name: of_day -> AddressKey
-- Addresses whose article counts for a day: what a rebuild reads again (all, or what others than this extractor made), in the order
-- they were seen in: where several lead to one article, the last one speaks for it, as it did live.
SELECT address.address_id
FROM news.articles_in_scope(%(day)s::date, %(publishers)s::text[], %(feeds)s::text[], %(languages)s::text[]) AS article
JOIN news.addresses AS address ON address.article_id = article.article_id
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
WHERE address.page_id IS NOT NULL AND (%(force)s::boolean OR version.extractor <> %(extractor)s::text)
ORDER BY address.fetched_at, address.address_id
LIMIT %(limit)s::integer;

-- name: erased -> KnownAddress
-- Which of these addresses were erased, with what they led to.
SELECT address.address_id, address.address_key
FROM news.addresses AS address
WHERE address.address_key = ANY (%(address_keys)s::bytea[]) AND address.erasure_id IS NOT NULL
ORDER BY address.address_id;
