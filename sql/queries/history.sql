-- name: feeds -> PastFeed
-- The feeds whose past is asked for: these, those of these publishers, all, or those that overflowed on one of the days.
-- The sitemaps of a publisher are walked once, for its oldest feed among them.
WITH chosen AS (
    SELECT feed.feed_id, feed.url, feed.publisher_id
    FROM news.feeds AS feed
    JOIN news.publishers AS publisher USING (publisher_id)
    WHERE %(everything)s::boolean
        OR feed.feed_key IN (SELECT ops.stands_for(asked.key) FROM unnest(%(feed_keys)s::bytea[]) AS asked (key))
        OR publisher.domain = ANY (%(domains)s::text[])
        OR (%(overflowed)s::boolean AND EXISTS (
            SELECT FROM ops.polls AS poll
            WHERE poll.feed_id = feed.feed_id AND poll.overflowed
                AND poll.at >= %(since)s::date AND poll.at < %(until)s::date + interval '1 day'))
)
SELECT chosen.feed_id,
    chosen.url,
    publisher.domain,
    row_number() OVER (PARTITION BY chosen.publisher_id ORDER BY chosen.feed_id) = 1 AS for_publisher
FROM chosen
JOIN news.publishers AS publisher USING (publisher_id)
ORDER BY chosen.feed_id;

-- name: documents -> KnownDocument
-- What earlier imports have read of a feed's past, or found to be gone.
SELECT document.address_key,
    document.oldest,
    document.newest,
    document.fingerprint,
    document.next_urls,
    document.next_kinds,
    document.next_changed,
    document.taken_since,
    document.taken_until,
    document.read_at
FROM news.history_documents AS document
WHERE document.feed_id = %(feed_id)s::bigint AND document.outcome IN ('read', 'gone')
ORDER BY document.address_key;

-- name: save_entries -> SavedEntry
-- What the past of a feed holds and nobody has: an entry that is known, or whose address the publisher's feeds brought
-- already, stays as it is, since an old document says nothing new about it.
INSERT INTO news.entries AS entry (
    feed_id, entry_key, guid, address_id, title, summary, content, authors, language, published_raw, published_at,
    date_quality, content_sha256, first_seen_at, seen_by
)
SELECT feed.feed_id, found.entry_key, found.guid, address.address_id, found.title, found.summary, found.content,
    ARRAY(SELECT jsonb_array_elements_text(found.authors)), found.language, found.published_raw, found.published_at,
    found.date_quality, found.content_sha256, found.claimed_at, 'claim'
FROM unnest(
    %(entry_keys)s::bytea[], %(guids)s::text[], %(address_keys)s::bytea[], %(titles)s::text[], %(summaries)s::text[],
    %(contents)s::text[], %(authors)s::jsonb[], %(languages)s::text[], %(published_raws)s::text[],
    %(published_ats)s::timestamptz[], %(date_qualities)s::text[], %(content_sha256s)s::bytea[], %(claimed_ats)s::timestamptz[]
) AS found (
    entry_key, guid, address_key, title, summary, content, authors, language, published_raw, published_at, date_quality,
    content_sha256, claimed_at
)
JOIN news.feeds AS feed ON feed.feed_id = %(feed_id)s::bigint
LEFT JOIN news.addresses AS address ON address.address_key = found.address_key
WHERE NOT EXISTS (
    SELECT FROM news.entries AS known
    JOIN news.feeds AS other USING (feed_id)
    WHERE known.address_id = address.address_id AND other.publisher_id = feed.publisher_id)
ORDER BY found.entry_key
ON CONFLICT (feed_id, entry_key) DO NOTHING
RETURNING entry.entry_id, entry.feed_id, entry.address_id, entry.revision;

-- name: save_document
-- How far the import of a feed's past has come: this document is read, and these of its days are taken. Days that adjoin
-- those taken before are added to them.
INSERT INTO news.history_documents AS document (
    feed_id, address_key, url, kind, outcome, detail, items, new_entries, oldest, newest, fingerprint, next_urls, next_kinds,
    next_changed, taken_since, taken_until
)
VALUES (
    %(feed_id)s::bigint, %(address_key)s::bytea, %(url)s::text, %(kind)s::text, %(outcome)s::text, %(detail)s::text,
    %(items)s::integer, %(new_entries)s::integer, %(oldest)s::date, %(newest)s::date, %(fingerprint)s::bytea,
    %(next_urls)s::text[], %(next_kinds)s::text[], %(next_changed)s::date[], %(taken_since)s::date, %(taken_until)s::date
)
ON CONFLICT (feed_id, address_key) DO UPDATE
SET kind = excluded.kind,
    outcome = excluded.outcome,
    detail = excluded.detail,
    items = excluded.items,
    new_entries = document.new_entries + excluded.new_entries,
    oldest = excluded.oldest,
    newest = excluded.newest,
    fingerprint = excluded.fingerprint,
    next_urls = excluded.next_urls,
    next_kinds = excluded.next_kinds,
    next_changed = excluded.next_changed,
    taken_since = CASE WHEN document.taken_since <= excluded.taken_until + 1 AND document.taken_until + 1 >= excluded.taken_since
        THEN least(document.taken_since, excluded.taken_since) ELSE excluded.taken_since END,
    taken_until = CASE WHEN document.taken_since <= excluded.taken_until + 1 AND document.taken_until + 1 >= excluded.taken_since
        THEN greatest(document.taken_until, excluded.taken_until) ELSE excluded.taken_until END,
    read_at = statement_timestamp();

-- name: take_turn -> Turn
-- Take the next turn of bulk work at a host, after all that was taken before; live work does not wait for it.
INSERT INTO ops.hosts AS host (host, next_bulk_at)
VALUES (%(host)s::text, statement_timestamp() + make_interval(secs => %(gap_s)s::float))
ON CONFLICT (host) DO UPDATE
SET next_bulk_at = greatest(statement_timestamp(), host.next_bulk_at, host.next_request_at, host.blocked_until)
    + make_interval(secs => %(gap_s)s::float)
RETURNING extract(epoch FROM host.next_bulk_at - statement_timestamp())::float - %(gap_s)s::float AS wait_s;
