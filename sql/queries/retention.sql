-- name: old_months -> LogMonth
SELECT month.name FROM ops.old_months(%(keep_months)s::integer) AS month (name) ORDER BY month.name;

-- name: drop_months -> LogMonth
SELECT month.name FROM ops.drop_months(%(keep_months)s::integer) AS month (name) ORDER BY month.name;

-- name: old_pages -> StoredPage
-- Pages that no rule keeps, file by file; one that was not read yet, or could not be, stays. So does one whose article is being
-- written just now, until the next time.
SELECT page.page_id, page.final_url AS url, page.archive_path, page.archive_offset, page.archive_length, page.body_sha256
FROM news.pages AS page
JOIN news.addresses AS address ON address.address_id = page.address_id
WHERE page.fetched_at < statement_timestamp() - make_interval(days => %(least)s::integer)
    AND page.fetched_at < statement_timestamp() - make_interval(days => ops.days_of_addresses(
        ARRAY[page.address_id], %(groups)s::text[], %(days)s::integer[], %(otherwise)s::integer))
    AND (address.article_id IS NOT NULL OR address.no_article IS NOT NULL)
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'extract' AND work.key = page.address_id)
    AND NOT EXISTS (
        SELECT FROM ops.dead_letters AS letter WHERE letter.stage = 'extract' AND letter.key = page.address_id)
ORDER BY page.archive_path, page.archive_offset
LIMIT %(limit)s::integer
FOR UPDATE OF page SKIP LOCKED;

-- name: empty_texts -> ArticleKey
-- Articles whose text no rule keeps: every version keeps its title, its digest and what was found out about it.
WITH old AS (
    SELECT article.article_id
    FROM news.articles AS article
    WHERE article.at < statement_timestamp() - make_interval(days => %(least)s::integer)
        AND article.at < statement_timestamp() - make_interval(days => ops.days_of_addresses(
            ARRAY(SELECT address.address_id FROM news.addresses AS address WHERE address.article_id = article.article_id),
            %(groups)s::text[], %(days)s::integer[], %(otherwise)s::integer))
        AND EXISTS (
            SELECT FROM news.article_versions AS version
            WHERE version.article_id = article.article_id AND version.emptied_at IS NULL)
        AND NOT EXISTS (
            SELECT FROM ops.work AS work WHERE work.stage IN ('group', 'tag') AND work.key = article.article_id)
        AND NOT EXISTS (
            SELECT FROM ops.dead_letters AS letter WHERE letter.stage IN ('group', 'tag') AND letter.key = article.article_id)
    ORDER BY article.article_id
    LIMIT %(limit)s::integer
)
UPDATE news.article_versions AS version
SET text = '', summary = NULL, standfirst = NULL, emptied_at = statement_timestamp()
FROM old
WHERE version.article_id = old.article_id AND version.emptied_at IS NULL
RETURNING version.article_id;

-- name: index_emptied
-- Search finds them by their titles from now on.
SELECT FROM news.index_for_search(%(keys)s::bigint[]);

-- name: empty_entries -> EntryKey
-- Entries, and what they said before, whose text no rule keeps; one that is still to become an article stays whole.
WITH old AS (
    SELECT entry.entry_id
    FROM news.entries AS entry
    JOIN news.feeds AS feed USING (feed_id)
    WHERE entry.first_seen_at < statement_timestamp() - make_interval(days => %(least)s::integer)
        AND entry.first_seen_at < statement_timestamp() - make_interval(days =>
            ops.days_of_groups(feed.groups, %(groups)s::text[], %(days)s::integer[], %(otherwise)s::integer))
        AND (entry.summary IS NOT NULL OR entry.content IS NOT NULL)
        AND NOT EXISTS (
            SELECT FROM ops.work AS work WHERE work.stage IN ('fetch', 'extract') AND work.key = entry.address_id)
        AND NOT EXISTS (
            SELECT FROM ops.dead_letters AS letter
            WHERE letter.stage IN ('fetch', 'extract') AND letter.key = entry.address_id)
    ORDER BY entry.entry_id
    LIMIT %(limit)s::integer
), revisions AS (
    UPDATE news.entry_revisions AS revision
    SET summary = NULL, content = NULL
    FROM old
    WHERE revision.entry_id = old.entry_id
)
UPDATE news.entries AS entry
SET summary = NULL, content = NULL
FROM old
WHERE entry.entry_id = old.entry_id
RETURNING entry.entry_id;
