-- name: save_fingerprints -> ChangedText
-- Fingerprints of current versions; returns the digests that came or went: their groups are to be decided again.
WITH made AS (
    SELECT *
    FROM unnest(%(article_ids)s::bigint[], %(version_ids)s::bigint[], %(text_sha256s)s::bytea[])
        AS made (article_id, version_id, text_sha256)
), before AS (
    SELECT known.article_id, known.text_sha256
    FROM news.fingerprints AS known
    JOIN made ON made.article_id = known.article_id
), saved AS (
    INSERT INTO news.fingerprints AS fingerprint (article_id, version_id, text_sha256, fingerprint_version)
    SELECT made.article_id, made.version_id, made.text_sha256, %(fingerprint_version)s::text
    FROM made
    ORDER BY made.article_id
    ON CONFLICT (article_id) DO UPDATE
    SET version_id = excluded.version_id, text_sha256 = excluded.text_sha256,
        fingerprint_version = excluded.fingerprint_version, made_at = now()
    RETURNING fingerprint.article_id
)
SELECT touched.text_sha256
FROM (
    SELECT made.text_sha256 FROM made
    UNION
    SELECT before.text_sha256 FROM before
) AS touched
WHERE touched.text_sha256 IS NOT NULL
ORDER BY touched.text_sha256;

-- name: lock_groups
-- One writer of groups at a time: a group is decided from all its members.
SELECT pg_advisory_xact_lock(hashtext('newswire groups'));

-- name: candidates -> Candidate
-- All articles whose normalised text has one of these digests.
SELECT article.article_id,
    article.url,
    fingerprint.text_sha256,
    article.published_at,
    article.first_seen_at
FROM news.fingerprints AS fingerprint
JOIN news.articles AS article USING (article_id)
WHERE fingerprint.text_sha256 = ANY (%(digests)s::bytea[])
ORDER BY article.article_id;

-- name: replace -> ChangedArticle
-- The decision on a set of articles replaces what was said of them; returns those for which something changed.
WITH decided AS (
    SELECT *
    FROM unnest(%(article_ids)s::bigint[], %(original_ids)s::bigint[], %(kinds)s::text[], %(reasons)s::text[])
        AS decided (article_id, original_id, kind, reason)
), dropped AS (
    DELETE FROM news.duplicates AS duplicate
    WHERE duplicate.article_id = ANY (%(looked_at)s::bigint[])
        AND NOT EXISTS (SELECT FROM decided WHERE decided.article_id = duplicate.article_id)
    RETURNING duplicate.article_id
), written AS (
    INSERT INTO news.duplicates AS duplicate (article_id, original_id, kind, reason, fingerprint_version)
    SELECT decided.article_id, decided.original_id, decided.kind, decided.reason, %(fingerprint_version)s::text
    FROM decided
    ORDER BY decided.article_id
    ON CONFLICT (article_id) DO UPDATE
    SET original_id = excluded.original_id, kind = excluded.kind, reason = excluded.reason,
        fingerprint_version = excluded.fingerprint_version, decided_at = now()
    WHERE (duplicate.original_id, duplicate.kind, duplicate.reason, duplicate.fingerprint_version)
        IS DISTINCT FROM (excluded.original_id, excluded.kind, excluded.reason, excluded.fingerprint_version)
    RETURNING duplicate.article_id
)
SELECT dropped.article_id FROM dropped
UNION
SELECT written.article_id FROM written
ORDER BY article_id;
