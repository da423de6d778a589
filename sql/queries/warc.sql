-- name: begin -> WarcProgress
-- Where to go on in a file: at its beginning, or behind what an earlier import committed (`again`: from the beginning).
INSERT INTO ops.warc_files AS file (url, part)
VALUES (%(url)s::text, %(part)s::text)
ON CONFLICT (url, part) DO UPDATE
SET next_offset = CASE WHEN %(again)s::boolean THEN 0 ELSE file.next_offset END,
    finished_at = CASE WHEN %(again)s::boolean THEN NULL ELSE file.finished_at END
RETURNING file.next_offset, file.finished_at IS NOT NULL AS is_finished;

-- name: advance
UPDATE ops.warc_files AS file
SET next_offset = %(next_offset)s::bigint,
    pages = file.pages + %(pages)s::integer,
    broken = file.broken + %(broken)s::integer,
    finished_at = CASE WHEN %(finished)s::boolean THEN statement_timestamp() END
WHERE file.url = %(url)s::text AND file.part = %(part)s::text;

-- name: addresses -> KnownAddress
SELECT address.address_id, address.address_key
FROM news.addresses AS address
WHERE address.address_key = ANY (%(address_keys)s::bytea[]) AND address.erasure_id IS NULL
ORDER BY address.address_id;

-- name: point_addresses -> AddressKey
-- Addresses whose newest page is now an archived one. A page that was fetched later stays in its place.
UPDATE news.addresses AS address
SET page_id = newest.page_id, fetch_outcome = 'stored', fetch_detail = NULL,
    fetched_at = greatest(address.fetched_at, newest.fetched_at)
FROM (
    SELECT DISTINCT ON (page.address_id) page.address_id, page.page_id, page.fetched_at
    FROM news.pages AS page
    WHERE page.address_id = ANY (%(keys)s::bigint[])
    ORDER BY page.address_id, page.fetched_at DESC, page.page_id DESC
) AS newest
WHERE address.address_id = newest.address_id
    AND (address.page_id IS NULL OR newest.fetched_at > address.fetched_at)
RETURNING address.address_id;

-- name: dead -> DeadRecord
-- Records that are dead letters, file by file: with this cause, since an instant (None: any), and what was asked for of the file.
SELECT record.file_url AS url,
    record.record_offset,
    letter.cause,
    ARRAY(SELECT file.part FROM ops.warc_files AS file WHERE file.url = record.file_url ORDER BY file.part) AS parts
FROM ops.dead_letters AS letter
JOIN ops.warc_records AS record ON record.record_id = letter.key
WHERE letter.stage = 'import'
    AND (%(cause)s::text IS NULL OR letter.cause = %(cause)s::text)
    AND (%(since)s::timestamptz IS NULL OR letter.last_at >= %(since)s::timestamptz)
ORDER BY record.file_url, record.record_offset;

-- name: bury
-- Records that cannot be read, as dead letters with their cause.
WITH broken AS (
    SELECT * FROM unnest(%(offsets)s::bigint[], %(causes)s::text[], %(details)s::text[]) AS broken (record_offset, cause, detail)
), record AS (
    INSERT INTO ops.warc_records AS record (file_url, record_offset)
    SELECT %(url)s::text, broken.record_offset
    FROM broken
    ORDER BY broken.record_offset
    ON CONFLICT (file_url, record_offset) DO UPDATE SET file_url = excluded.file_url
    RETURNING record.record_id, record.record_offset
)
INSERT INTO ops.dead_letters AS letter (stage, key, cause, detail, attempts)
SELECT 'import', record.record_id, broken.cause, broken.detail, 1
FROM broken
JOIN record USING (record_offset)
ORDER BY record.record_id
ON CONFLICT (stage, key) DO UPDATE
SET cause = excluded.cause, detail = excluded.detail, attempts = letter.attempts + 1, last_at = now();

-- name: unbury
-- Records that are read now are no dead letters any more.
DELETE FROM ops.dead_letters AS letter
USING ops.warc_records AS record
WHERE letter.stage = 'import' AND letter.key = record.record_id
    AND record.file_url = %(url)s::text AND record.record_offset = ANY (%(offsets)s::bigint[]);
