-- name: known -> KnownEntry
-- Which of these entries are there already, and what they say.
SELECT entry.feed_id, entry.entry_key, entry.content_sha256
FROM unnest(%(feed_ids)s::bigint[], %(entry_keys)s::bytea[]) AS seen (feed_id, entry_key)
JOIN news.entries AS entry ON entry.feed_id = seen.feed_id AND entry.entry_key = seen.entry_key;

-- name: keep_revisions
-- What is about to be replaced, appended to the history of its entry. (Run before `upsert`.)
INSERT INTO news.entry_revisions (entry_id, revision, title, summary, content, content_sha256)
SELECT entry.entry_id, entry.revision, entry.title, entry.summary, entry.content, entry.content_sha256
FROM unnest(%(feed_ids)s::bigint[], %(entry_keys)s::bytea[], %(content_sha256s)s::bytea[])
    AS seen (feed_id, entry_key, content_sha256)
JOIN news.entries AS entry ON entry.feed_id = seen.feed_id AND entry.entry_key = seen.entry_key
WHERE entry.content_sha256 <> seen.content_sha256
ORDER BY entry.entry_id
ON CONFLICT (entry_id, revision) DO NOTHING;

-- name: upsert -> SavedEntry
-- New entries, and those whose content changed; unchanged ones are not written.
INSERT INTO news.entries AS entry (
    feed_id, entry_key, guid, address_id, title, summary, content, authors, language, published_raw, published_at,
    date_quality, content_sha256
)
SELECT seen.feed_id, seen.entry_key, seen.guid, address.address_id, seen.title, seen.summary, seen.content,
    ARRAY(SELECT jsonb_array_elements_text(seen.authors)), seen.language, seen.published_raw, seen.published_at,
    seen.date_quality, seen.content_sha256
FROM unnest(
    %(feed_ids)s::bigint[], %(entry_keys)s::bytea[], %(guids)s::text[], %(address_keys)s::bytea[], %(titles)s::text[],
    %(summaries)s::text[], %(contents)s::text[], %(authors)s::jsonb[], %(languages)s::text[], %(published_raws)s::text[],
    %(published_ats)s::timestamptz[], %(date_qualities)s::text[], %(content_sha256s)s::bytea[]
) AS seen (
    feed_id, entry_key, guid, address_key, title, summary, content, authors, language, published_raw, published_at,
    date_quality, content_sha256
)
LEFT JOIN news.addresses AS address ON address.address_key = seen.address_key
ORDER BY seen.feed_id, seen.entry_key
ON CONFLICT (feed_id, entry_key) DO UPDATE
SET title = excluded.title,
    summary = excluded.summary,
    content = excluded.content,
    authors = excluded.authors,
    address_id = excluded.address_id,
    content_sha256 = excluded.content_sha256,
    revision = entry.revision + 1,
    revised_at = now()
WHERE entry.content_sha256 <> excluded.content_sha256
RETURNING entry.entry_id, entry.feed_id, entry.address_id, entry.revision;

-- name: ask_fetches
-- Ask for the pages of these entries: never fetched and not yet asked for, or revised.
WITH wanted AS (
    SELECT DISTINCT address.address_id, address.host
    FROM unnest(%(address_ids)s::bigint[], %(revisions)s::integer[]) AS entry (address_id, revision)
    JOIN news.addresses AS address ON address.address_id = entry.address_id
    WHERE address.erasure_id IS NULL AND (entry.revision > 0
        OR (address.fetched_at IS NULL
            AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'fetch' AND work.key = address.address_id)))
)
SELECT ops.ask('fetch', coalesce(array_agg(wanted.address_id), '{}'), coalesce(array_agg(wanted.host), '{}'),
    urgency => %(priority)s::smallint)
FROM wanted;
