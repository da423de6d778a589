-- name: ensure
-- A row for each address, whoever brings it first.
INSERT INTO news.addresses (address_key, url, host)
SELECT DISTINCT ON (wanted.address_key) wanted.address_key, wanted.url, wanted.host
FROM unnest(%(address_keys)s::bytea[], %(urls)s::text[], %(hosts)s::text[]) AS wanted (address_key, url, host)
ORDER BY wanted.address_key, wanted.url
ON CONFLICT (address_key) DO NOTHING;

-- name: requests -> PageRequest
-- What a fetch needs to know of these addresses.
SELECT address.address_id, address.url, address.host
FROM news.addresses AS address
WHERE address.address_id = ANY (%(keys)s::bigint[])
ORDER BY address.address_id;

-- name: sources -> Source
-- What each address has to make an article of: its newest page, and the entry that first led to it.
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
    coalesce(entry.first_seen_at, page.fetched_at, address.created_at) AS first_seen_at
FROM news.addresses AS address
LEFT JOIN news.pages AS page ON page.page_id = address.page_id
LEFT JOIN LATERAL (
    SELECT entry.title, entry.summary, entry.content, entry.language, entry.authors, entry.published_at, entry.date_quality,
        entry.first_seen_at
    FROM news.entries AS entry
    WHERE entry.address_id = address.address_id
    ORDER BY entry.first_seen_at, entry.entry_id
    LIMIT 1
) AS entry ON true
WHERE address.address_id = ANY (%(keys)s::bigint[])
ORDER BY address.address_id;

-- name: of_day -> AddressKey
-- Addresses whose article counts for a day: what a rebuild reads again (of these publishers; all, or what others than
-- this extractor made).
SELECT address.address_id
FROM news.addresses AS address
JOIN news.articles AS article ON article.article_id = address.article_id
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
JOIN news.publishers AS publisher ON publisher.publisher_id = article.publisher_id
WHERE article.day = %(day)s::date AND address.page_id IS NOT NULL
    AND (cardinality(%(domains)s::text[]) = 0 OR publisher.domain = ANY (%(domains)s::text[]))
    AND (%(force)s::boolean OR version.extractor <> %(extractor)s::text)
ORDER BY address.address_id;
