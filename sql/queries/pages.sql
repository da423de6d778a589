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

-- name: hold -> SavedPage
-- Which of these pages are there, and stay until the transaction ends: whoever lets pages go takes others, or waits.
SELECT page.page_id, page.address_id
FROM news.pages AS page
WHERE page.page_id = ANY (%(pages)s::bigint[])
ORDER BY page.page_id
FOR KEY SHARE;

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
    fetch_detail = CASE WHEN fetched.outcome NOT IN ('stored', 'returned', 'unchanged')
        THEN concat_ws(': ', fetched.cause, coalesce(fetched.detail, 'HTTP ' || fetched.status)) END,
    page_id = coalesce(fetched.page_id, address.page_id),
    fetched_at = statement_timestamp()
FROM fetched
WHERE address.address_id = fetched.address_id;

-- name: plan
-- When each address is asked for again, with which validators, and whether it is gone. Another answer of an article that
-- we have counts for its publisher, fading: a site changes its habits.
WITH planned AS (
    SELECT *
    FROM unnest(
        %(address_ids)s::bigint[], %(answered)s::boolean[], %(etags)s::text[], %(last_modifieds)s::text[],
        %(rechecks_in_s)s::float[], %(gone_answers)s::integer[], %(gone_first_ats)s::timestamptz[],
        %(gone_sinces)s::timestamptz[]
    ) AS planned (address_id, answered, etag, last_modified, recheck_in_s, gone_answers, gone_first_at, gone_since)
), looked AS (
    SELECT article.publisher_id, count(*) AS looks
    FROM planned
    JOIN news.addresses AS address ON address.address_id = planned.address_id
    JOIN news.articles AS article ON article.article_id = address.article_id
    WHERE planned.answered
    GROUP BY article.publisher_id
), counted AS (
    UPDATE news.publishers AS publisher
    SET rechecks = (CASE WHEN publisher.rechecks < 1000 THEN publisher.rechecks ELSE publisher.rechecks / 2 END) + looked.looks,
        revisions = CASE WHEN publisher.rechecks < 1000 THEN publisher.revisions ELSE publisher.revisions / 2 END
    FROM looked
    WHERE publisher.publisher_id = looked.publisher_id
)
UPDATE news.addresses AS address
SET etag = planned.etag,
    last_modified = planned.last_modified,
    recheck_at = statement_timestamp() + make_interval(secs => planned.recheck_in_s),
    gone_answers = planned.gone_answers,
    gone_first_at = planned.gone_first_at,
    gone_since = planned.gone_since
FROM planned
WHERE address.address_id = planned.address_id;

-- name: ask_again -> RecheckedAddress
-- Turn looks whose time has come into work, behind all that is new (priority 5). Of the addresses of an article only the
-- one that its text was read from is asked; a look that is a day late is left out, for it would come when nothing changes.
WITH waiting AS (
    SELECT count(*) AS rows FROM ops.work AS work WHERE work.stage = 'fetch' AND work.priority = 5
), due AS (
    SELECT address.address_id, address.recheck_at
    FROM news.addresses AS address
    WHERE address.recheck_at <= statement_timestamp()
    ORDER BY address.recheck_at, address.address_id
    LIMIT (SELECT greatest(%(limit)s::integer - waiting.rows, 0) FROM waiting)
    FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE news.addresses AS address
    SET recheck_at = NULL
    FROM due
    WHERE address.address_id = due.address_id
    RETURNING address.address_id, address.host, address.article_id, due.recheck_at
), wanted AS (
    SELECT taken.address_id, taken.host
    FROM taken
    JOIN news.articles AS article ON article.article_id = taken.article_id
    JOIN news.article_versions AS version ON version.version_id = article.current_version_id
    JOIN news.pages AS page ON page.page_id = version.page_id AND page.address_id = taken.address_id
    WHERE taken.recheck_at > statement_timestamp() - interval '1 day'
), asked AS MATERIALIZED (
    SELECT ops.ask('fetch', coalesce(array_agg(wanted.address_id), '{}'), coalesce(array_agg(wanted.host), '{}'),
        statement_timestamp(), 5::smallint)
    FROM wanted
)
SELECT wanted.address_id
FROM wanted
CROSS JOIN asked
ORDER BY wanted.address_id;

-- name: make_months -> MadeMonths
SELECT ops.make_months() AS made;

-- name: stored -> StoredPage
-- The next pages of the archive, in the order they were stored.
SELECT page.page_id, page.final_url AS url, page.archive_path, page.archive_offset, page.archive_length, page.body_sha256
FROM news.pages AS page
WHERE page.page_id > %(after)s::bigint
ORDER BY page.page_id
LIMIT %(limit)s::integer;

-- name: of_article -> StoredPage
-- The page that an article's current text was read from.
SELECT page.page_id, page.final_url AS url, page.archive_path, page.archive_offset, page.archive_length, page.body_sha256
FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
JOIN news.pages AS page ON page.page_id = version.page_id
WHERE article.article_id = %(article_id)s::bigint;

-- name: sample -> StoredPage
-- So many pages of the archive, by chance.
SELECT page.page_id, page.final_url AS url, page.archive_path, page.archive_offset, page.archive_length, page.body_sha256
FROM news.pages AS page
ORDER BY random()
LIMIT %(limit)s::integer;

-- name: archive_paths -> ArchivePath
-- Every archive file that a page points to.
SELECT DISTINCT page.archive_path AS path
FROM news.pages AS page
ORDER BY page.archive_path;

-- name: take_turn
-- One at a time writes archive files anew: two would each keep what the other takes out.
SELECT pg_advisory_xact_lock(hashtext('newswire archive'));

-- name: neighbours -> StoredPage
-- The other pages of these archive files, in their order: what is kept when the files are written anew.
SELECT page.page_id, page.final_url AS url, page.archive_path, page.archive_offset, page.archive_length, page.body_sha256
FROM news.pages AS page
WHERE page.archive_path = ANY (%(paths)s::text[]) AND page.page_id <> ALL (%(pages)s::bigint[])
ORDER BY page.archive_path, page.archive_offset;

-- name: move
-- Where the bytes of pages lie now.
UPDATE news.pages AS page
SET archive_path = moved.archive_path, archive_offset = moved.archive_offset, archive_length = moved.archive_length
FROM unnest(%(page_ids)s::bigint[], %(paths)s::text[], %(offsets)s::bigint[], %(lengths)s::bigint[])
    AS moved (page_id, archive_path, archive_offset, archive_length)
WHERE page.page_id = moved.page_id;

-- name: forget
-- The index of pages, and every row that points into it.
WITH versions AS (
    UPDATE news.article_versions AS version SET page_id = NULL WHERE version.page_id = ANY (%(pages)s::bigint[])
), addresses AS (
    UPDATE news.addresses AS address SET page_id = NULL WHERE address.page_id = ANY (%(pages)s::bigint[])
), fetches AS (
    UPDATE ops.fetches AS fetched
    SET page_id = NULL, detail = NULL
    FROM (
        SELECT page.address_id FROM news.pages AS page WHERE page.page_id = ANY (%(pages)s::bigint[])
        UNION
        SELECT unnest(%(addresses)s::bigint[])
    ) AS erased
    WHERE fetched.address_id = erased.address_id
        AND (fetched.page_id = ANY (%(pages)s::bigint[]) OR fetched.address_id = ANY (%(addresses)s::bigint[]))
)
DELETE FROM news.pages AS page
WHERE page.page_id = ANY (%(pages)s::bigint[]);
