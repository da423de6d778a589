-- name: chosen -> AddressKey
-- What an erasure covers: the addresses of an article, or those of a publisher and of a range of days (NULL: any). One without
-- an article counts for the publisher whose feed brought it first, and for the day it was made.
WITH named AS (
    SELECT address.address_id, address.article_id
    FROM news.addresses AS address
    WHERE address.address_key = %(address_key)s::bytea
)
SELECT address.address_id
FROM news.addresses AS address
LEFT JOIN news.articles AS article ON article.article_id = address.article_id
LEFT JOIN LATERAL (
    SELECT feed.publisher_id
    FROM news.entries AS entry
    JOIN news.feeds AS feed USING (feed_id)
    WHERE entry.address_id = address.address_id AND address.article_id IS NULL
    ORDER BY entry.first_seen_at, entry.entry_id
    LIMIT 1
) AS brought ON true
LEFT JOIN news.publishers AS publisher ON publisher.publisher_id = coalesce(article.publisher_id, brought.publisher_id)
WHERE address.erasure_id IS NULL
    AND (%(address_key)s::bytea IS NULL OR EXISTS (
        SELECT FROM named WHERE named.address_id = address.address_id OR named.article_id = address.article_id))
    AND (%(domain)s::text IS NULL OR publisher.domain = %(domain)s::text)
    AND coalesce(article.day, (address.created_at AT TIME ZONE 'UTC')::date)
        BETWEEN coalesce(%(since)s::date, '-infinity') AND coalesce(%(until)s::date, 'infinity')
ORDER BY address.address_id;

-- name: chosen_entries -> EntryKey
-- Entries that lead to these addresses, and all others that the publisher's own feeds brought on these days, without a link too.
SELECT entry.entry_id
FROM news.entries AS entry
JOIN news.feeds AS feed USING (feed_id)
JOIN news.publishers AS publisher USING (publisher_id)
WHERE entry.erasure_id IS NULL AND publisher.domain = %(domain)s::text
    AND (entry.first_seen_at AT TIME ZONE 'UTC')::date
        BETWEEN coalesce(%(since)s::date, '-infinity') AND coalesce(%(until)s::date, 'infinity')
ORDER BY entry.entry_id;

-- name: come_back -> AddressKey
-- Addresses that turned out to lead to an erased article.
SELECT address.address_id
FROM news.addresses AS address
WHERE address.no_article = 'erased' AND address.erasure_id IS NULL
ORDER BY address.address_id;

-- name: begin -> ErasureKey
INSERT INTO ops.erasures AS erasure (asked_by, why, scope)
VALUES (%(asked_by)s::text, %(why)s::text, %(scope)s::jsonb)
RETURNING erasure.erasure_id;

-- name: count
UPDATE ops.erasures AS erasure
SET articles = erasure.articles + %(articles)s::integer,
    addresses = erasure.addresses + %(addresses)s::integer,
    entries = erasure.entries + %(entries)s::integer,
    pages = erasure.pages + %(pages)s::integer
WHERE erasure.erasure_id = %(erasure_id)s::bigint;

-- name: finish
UPDATE ops.erasures AS erasure
SET finished_at = statement_timestamp()
WHERE erasure.erasure_id = %(erasure_id)s::bigint;

-- name: drop_work
-- Whoever works on these addresses and articles has lost his lease, and writes nothing.
DELETE FROM ops.work AS work
WHERE (work.stage IN ('fetch', 'extract') AND work.key = ANY (%(addresses)s::bigint[]))
    OR (work.stage IN ('group', 'tag') AND work.key = ANY (%(articles)s::bigint[]));

-- name: articles -> ArticleDay
-- The articles that these addresses lead to.
SELECT article.article_id, article.day
FROM news.articles AS article
WHERE article.article_id IN (
    SELECT address.article_id FROM news.addresses AS address WHERE address.address_id = ANY (%(addresses)s::bigint[]))
    OR article.address_id = ANY (%(addresses)s::bigint[])
ORDER BY article.article_id;

-- name: pages -> StoredPage
-- The pages of these addresses, and those that a version of these articles was read from. Whoever writes an article of one is
-- done with it first; he holds its page before anything else, so that neither waits for the other.
SELECT page.page_id, page.final_url AS url, page.archive_path, page.archive_offset, page.archive_length, page.body_sha256
FROM news.pages AS page
WHERE page.address_id = ANY (%(addresses)s::bigint[])
    OR page.page_id IN (
        SELECT version.page_id FROM news.article_versions AS version WHERE version.article_id = ANY (%(articles)s::bigint[]))
ORDER BY page.page_id
FOR UPDATE;

-- name: mentions -> Mention
-- How logs would name what is to be erased: by its addresses.
SELECT address.url
FROM news.addresses AS address
WHERE address.address_id = ANY (%(addresses)s::bigint[])
UNION
SELECT page.final_url FROM news.pages AS page WHERE page.page_id = ANY (%(pages)s::bigint[])
UNION
SELECT article.url FROM news.articles AS article WHERE article.article_id = ANY (%(articles)s::bigint[])
UNION
SELECT entry.guid
FROM news.entries AS entry
WHERE entry.address_id = ANY (%(addresses)s::bigint[]) AND length(entry.guid) > 12
ORDER BY url;

-- name: unset_current
-- From here on these articles have no text: stories take them for gone.
UPDATE news.articles AS article
SET current_version_id = NULL
WHERE article.article_id = ANY (%(articles)s::bigint[]);

-- name: forget_copies
-- Who copied whom. What was a copy of these is an original until it is grouped anew.
WITH pairs AS (
    DELETE FROM news.duplicate_pairs AS pair
    WHERE pair.article_a = ANY (%(articles)s::bigint[]) OR pair.article_b = ANY (%(articles)s::bigint[])
), keys AS (
    DELETE FROM news.text_keys AS known WHERE known.article_id = ANY (%(articles)s::bigint[])
), prints AS (
    DELETE FROM news.fingerprints AS fingerprint WHERE fingerprint.article_id = ANY (%(articles)s::bigint[])
)
DELETE FROM news.duplicates AS copy
WHERE copy.article_id = ANY (%(articles)s::bigint[]) OR copy.original_id = ANY (%(articles)s::bigint[])
    OR copy.via_id = ANY (%(articles)s::bigint[]);

-- name: forget_stories
-- What is left in versions of stories that nobody works on, and the ids that stories in force would lead from.
WITH links AS (
    DELETE FROM news.story_links AS link
    WHERE link.earlier_id = ANY (%(articles)s::bigint[]) OR link.later_id = ANY (%(articles)s::bigint[])
), features AS (
    DELETE FROM news.story_features AS feature WHERE feature.article_id = ANY (%(articles)s::bigint[])
), members AS (
    DELETE FROM news.story_members AS member
    WHERE member.article_id = ANY (%(articles)s::bigint[]) OR member.story_id = ANY (%(articles)s::bigint[])
), aliases AS (
    DELETE FROM news.story_aliases AS alias WHERE alias.alias_id = ANY (%(articles)s::bigint[])
)
DELETE FROM news.stories AS story
WHERE story.story_id = ANY (%(articles)s::bigint[]);

-- name: forget_tags
WITH tags AS (
    DELETE FROM news.article_topics AS tag WHERE tag.article_id = ANY (%(articles)s::bigint[])
), history AS (
    DELETE FROM news.article_topic_history AS tag WHERE tag.article_id = ANY (%(articles)s::bigint[])
), overrides AS (
    DELETE FROM news.topic_overrides AS said WHERE said.article_id = ANY (%(articles)s::bigint[])
), changes AS (
    DELETE FROM news.topic_release_changes AS change WHERE change.article_id = ANY (%(articles)s::bigint[])
)
DELETE FROM news.article_taggings AS tagging
WHERE tagging.article_id = ANY (%(articles)s::bigint[]);

-- name: forget_site_blocks
-- Paragraphs that no other article of the site has carried (the number of a story is the beginning of its address key).
DELETE FROM news.site_blocks AS block
USING (
    SELECT array_agg(('x' || encode(substr(address.address_key, 1, 8), 'hex'))::bit(64)::bigint) AS stories
    FROM news.addresses AS address
    WHERE address.address_id = ANY (%(addresses)s::bigint[])
) AS erased
WHERE block.stories && erased.stories AND block.stories <@ erased.stories;

-- name: forget_articles
WITH versions AS (
    DELETE FROM news.article_versions AS version WHERE version.article_id = ANY (%(articles)s::bigint[])
), addresses AS (
    UPDATE news.addresses AS address SET article_id = NULL, no_article = 'erased' WHERE address.article_id = ANY (%(articles)s::bigint[])
)
DELETE FROM news.articles AS article
WHERE article.article_id = ANY (%(articles)s::bigint[]);

-- name: silence_addresses
-- What is left of an address: its key, its host, and who erased it.
UPDATE news.addresses AS address
SET url = 'erased:' || encode(address.address_key, 'hex'),
    fetch_detail = NULL,
    page_id = NULL,
    no_article = 'erased',
    etag = NULL,
    last_modified = NULL,
    recheck_at = NULL,
    erasure_id = %(erasure_id)s::bigint
WHERE address.address_id = ANY (%(addresses)s::bigint[]);

-- name: silence_entries -> EntryKey
-- What is left of an entry: its key, its digest and its dates.
WITH chosen AS (
    SELECT entry.entry_id
    FROM news.entries AS entry
    WHERE (entry.address_id = ANY (%(addresses)s::bigint[]) OR entry.entry_id = ANY (%(entries)s::bigint[]))
        AND entry.erasure_id IS NULL
), revisions AS (
    DELETE FROM news.entry_revisions AS revision USING chosen WHERE revision.entry_id = chosen.entry_id
)
UPDATE news.entries AS entry
SET guid = NULL, title = NULL, summary = NULL, content = NULL, authors = '{}', published_raw = NULL,
    erasure_id = %(erasure_id)s::bigint
FROM chosen
WHERE entry.entry_id = chosen.entry_id
RETURNING entry.entry_id;

-- name: forget_pushes
-- Pushes that wait, of feeds that brought any of this: they are not needed, for what is new in them is polled.
WITH pushed AS (
    UPDATE ops.pushes AS push
    SET body = NULL, outcome = 'erased', taken_at = statement_timestamp()
    WHERE push.outcome IS NULL AND push.feed_id IN (
        SELECT entry.feed_id FROM news.entries AS entry WHERE entry.erasure_id = %(erasure_id)s::bigint)
    RETURNING push.push_id
), letters AS (
    DELETE FROM ops.dead_letters AS letter USING pushed WHERE letter.stage = 'push' AND letter.key = pushed.push_id
)
DELETE FROM ops.work AS work
USING pushed
WHERE work.stage = 'push' AND work.key = pushed.push_id;

-- name: forget_letters
DELETE FROM ops.dead_letters AS letter
WHERE (letter.stage IN ('fetch', 'extract') AND letter.key = ANY (%(addresses)s::bigint[]))
    OR (letter.stage IN ('group', 'tag') AND letter.key = ANY (%(articles)s::bigint[]));

-- name: forget_notices
-- What alerts told of these articles: the key stays, so that nothing is told twice; a message that waits says nothing of them.
WITH told AS (
    UPDATE ops.alert_notices AS notice
    SET told = jsonb_build_object('subject', 'erased', 'title', 'erased', 'why', 'its article was erased'), article_id = NULL
    WHERE notice.article_id = ANY (%(articles)s::bigint[])
    RETURNING notice.message_id
)
UPDATE ops.alert_messages AS message
SET title = 'erased', plain = 'erased', body = '{"type":"alert.erased","data":{}}'
FROM told
WHERE message.message_id = told.message_id;

-- name: forget_mentions
-- Samples in logs that name any of it: findings of checks, changes of rebuilds.
WITH found AS (
    UPDATE ops.checks AS known
    SET sample = '[]'
    WHERE EXISTS (SELECT FROM unnest(%(urls)s::text[]) AS erased (url) WHERE strpos(known.sample::text, erased.url) > 0)
)
UPDATE ops.rebuilds AS rebuilt
SET changes = (
    SELECT coalesce(jsonb_agg(change.said), '[]')
    FROM jsonb_array_elements(rebuilt.changes) AS change (said)
    WHERE NOT EXISTS (SELECT FROM unnest(%(urls)s::text[]) AS erased (url) WHERE strpos(change.said::text, erased.url) > 0))
WHERE EXISTS (SELECT FROM unnest(%(urls)s::text[]) AS erased (url) WHERE strpos(rebuilt.changes::text, erased.url) > 0);
