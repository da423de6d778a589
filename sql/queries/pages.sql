-- name: save -> SavedPage
-- Index archived pages; the same bytes at the same address again are the page we have.
WITH seen AS (
    SELECT *
    FROM unnest(
        %(address_ids)s::bigint[], %(body_sha256s)s::bytea[], %(final_urls)s::text[], %(statuses)s::smallint[],
        %(content_types)s::text[], %(archive_paths)s::text[], %(archive_offsets)s::bigint[], %(archive_lengths)s::bigint[],
        %(captured_ats)s::timestamptz[]
    ) AS seen (
        address_id, body_sha256, final_url, status, content_type, archive_path, archive_offset, archive_length, captured_at
    )
), saved AS (
    INSERT INTO news.pages AS page (
        address_id, body_sha256, final_url, status, content_type, archive_path, archive_offset, archive_length, fetched_at,
        seen_by
    )
    SELECT seen.address_id, seen.body_sha256, seen.final_url, seen.status, seen.content_type, seen.archive_path,
        seen.archive_offset, seen.archive_length, coalesce(seen.captured_at, statement_timestamp()),
        CASE WHEN seen.captured_at IS NULL THEN 'live' ELSE 'archive' END
    FROM seen
    ORDER BY seen.address_id
    ON CONFLICT (address_id, body_sha256) DO NOTHING
    RETURNING page.page_id, page.address_id
)
SELECT saved.page_id, saved.address_id
FROM saved
ORDER BY saved.address_id;

-- name: known -> KnownPage
-- Which of these bodies are already in the archive.
SELECT page.page_id, page.address_id, page.body_sha256
FROM unnest(%(address_ids)s::bigint[], %(body_sha256s)s::bytea[]) AS seen (address_id, body_sha256)
JOIN news.pages AS page ON page.address_id = seen.address_id AND page.body_sha256 = seen.body_sha256
ORDER BY page.address_id;

-- name: record_fetches
-- What each request came to: the state of its address, and a line in the log.
WITH fetched AS (
    SELECT *
    FROM unnest(
        %(address_ids)s::bigint[], %(outcomes)s::text[], %(statuses)s::smallint[], %(causes)s::text[], %(details)s::text[],
        %(page_ids)s::bigint[], %(wire_bytes)s::integer[], %(seconds)s::real[]
    ) AS fetched (address_id, outcome, status, cause, detail, page_id, wire_bytes, seconds)
), logged AS (
    INSERT INTO ops.fetches (address_id, outcome, status, cause, detail, page_id, wire_bytes, seconds)
    SELECT fetched.address_id, fetched.outcome, fetched.status, fetched.cause, fetched.detail, fetched.page_id,
        fetched.wire_bytes, fetched.seconds
    FROM fetched
)
UPDATE news.addresses AS address
SET fetch_outcome = fetched.outcome,
    fetch_detail = CASE WHEN fetched.outcome NOT IN ('stored', 'unchanged')
        THEN concat_ws(': ', fetched.cause, coalesce(fetched.detail, 'HTTP ' || fetched.status)) END,
    page_id = coalesce(fetched.page_id, address.page_id),
    fetched_at = statement_timestamp()
FROM fetched
WHERE address.address_id = fetched.address_id;

-- name: make_months -> MadeMonths
SELECT ops.make_months() AS made;

-- name: archive_paths -> ArchivePath
-- Every archive file that a page points to.
SELECT DISTINCT page.archive_path AS path
FROM news.pages AS page
ORDER BY page.archive_path;
