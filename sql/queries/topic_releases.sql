-- name: await_taggers
-- Alone with the versions in force: whoever tags now finishes first, whoever comes next waits. Until the transaction ends.
SELECT pg_advisory_xact_lock(hashtext('newswire topics in force'))
WHERE set_config('lock_timeout', '60s', true) IS NOT NULL;

-- name: open_new
-- Propose what the files say and is not in force. What was refused once is proposed again only when asked for (`again`).
INSERT INTO news.topic_releases (topic_id, from_version_id, to_version_id, approve_above, tags_before)
SELECT topic.topic_id, topic.version_in_force, topic.version_offered, offered.approve_above,
    (SELECT count(*) FROM news.article_topics AS tag WHERE tag.topic_id = topic.topic_id)
FROM unnest(%(slugs)s::text[], %(approve_above)s::real[]) AS offered (slug, approve_above)
JOIN news.topics AS topic ON topic.slug = offered.slug
WHERE topic.version_offered IS DISTINCT FROM topic.version_in_force
    AND NOT EXISTS (SELECT FROM news.topic_releases AS open WHERE open.topic_id = topic.topic_id AND open.outcome IS NULL)
    AND (%(again)s::boolean OR NOT EXISTS (
        SELECT FROM news.topic_releases AS refused
        WHERE refused.topic_id = topic.topic_id AND refused.outcome = 'rejected'
            AND (refused.from_version_id, refused.to_version_id)
                IS NOT DISTINCT FROM (topic.version_in_force, topic.version_offered)))
ORDER BY topic.slug;

-- name: close_overtaken
-- What no longer leads from the version in force to the one that the file offers.
UPDATE news.topic_releases AS release
SET outcome = 'overtaken', decided_at = now()
FROM news.topics AS topic
WHERE topic.topic_id = release.topic_id AND release.outcome IS NULL
    AND (release.from_version_id, release.to_version_id)
        IS DISTINCT FROM (topic.version_in_force, topic.version_offered);

-- name: open -> TopicRelease
-- What waits to be decided, by topic.
SELECT release.release_id, topic.topic_id, topic.slug, release.from_version_id, release.to_version_id,
    version.definition, release.approve_above::float AS approve_above, release.looked_to, release.tags_before
FROM news.topic_releases AS release
JOIN news.topics AS topic ON topic.topic_id = release.topic_id
LEFT JOIN news.topic_versions AS version ON version.topic_version_id = release.to_version_id
WHERE release.outcome IS NULL
ORDER BY topic.slug;

-- name: texts_after -> ArticleText
-- The next articles in the order of their numbers.
SELECT article.article_id,
    version.version_id,
    article.url,
    version.title,
    version.text,
    version.summary,
    version.language,
    article.day
FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
WHERE article.article_id > %(after)s::bigint
ORDER BY article.article_id
LIMIT %(limit)s::integer;

-- name: record_changes
-- Where the tags that the new version gives to the articles looked at are not those that they have.
WITH given AS (
    SELECT *
    FROM unnest(%(article_ids)s::bigint[], %(levels)s::text[], %(scores)s::real[], %(evidences)s::jsonb[])
        AS given (article_id, level, score, evidence)
), known AS (
    SELECT tag.article_id, tag.level, tag.score, tag.evidence
    FROM news.article_topics AS tag
    WHERE tag.topic_id = %(topic_id)s::bigint AND tag.article_id = ANY (%(looked_at)s::bigint[])
)
INSERT INTO news.topic_release_changes (release_id, article_id, level_before, level_after)
SELECT %(release_id)s::bigint, article_id, known.level, given.level
FROM known
FULL JOIN given USING (article_id)
WHERE (known.level, known.score, known.evidence) IS DISTINCT FROM (given.level, given.score, given.evidence)
ORDER BY article_id
ON CONFLICT (release_id, article_id) DO NOTHING;

-- name: looked_to
-- How far a proposal has looked: after a crash it goes on from there.
UPDATE news.topic_releases AS release
SET looked_to = greatest(release.looked_to, %(looked_to)s::bigint), looked_at = release.looked_at + %(articles)s::integer
WHERE release.release_id = %(release_id)s::bigint;

-- name: change_counts -> ChangeCount
-- The difference by language and kind. `proof`: same level, other evidence.
SELECT version.language,
    CASE
        WHEN change.level_before IS NULL THEN 'added'
        WHEN change.level_after IS NULL THEN 'removed'
        WHEN change.level_before = change.level_after THEN 'proof'
        ELSE 'to ' || change.level_after
    END AS kind,
    count(*)::integer AS count
FROM news.topic_release_changes AS change
JOIN news.articles AS article ON article.article_id = change.article_id
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
WHERE change.release_id = %(release_id)s::bigint
GROUP BY 1, 2
ORDER BY 1, 2;

-- name: change_samples -> ChangeSample
-- The newest articles of each kind.
SELECT ranked.kind, ranked.language, ranked.level_before, ranked.level_after, ranked.title, ranked.url
FROM (
    SELECT kind.kind, version.language, change.level_before, change.level_after, version.title, article.url,
        row_number() OVER (PARTITION BY kind.kind ORDER BY article.at DESC, article.url) AS place
    FROM news.topic_release_changes AS change
    JOIN news.articles AS article ON article.article_id = change.article_id
    JOIN news.article_versions AS version ON version.version_id = article.current_version_id
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN change.level_before IS NULL THEN 'added'
            WHEN change.level_after IS NULL THEN 'removed'
            ELSE 'to ' || change.level_after
        END AS kind
    ) AS kind
    WHERE change.release_id = %(release_id)s::bigint AND change.level_before IS DISTINCT FROM change.level_after
) AS ranked
WHERE ranked.place <= %(limit)s::integer
ORDER BY ranked.kind, ranked.place;

-- name: put_in_force
UPDATE news.topics AS topic
SET version_in_force = release.to_version_id, name = coalesce(%(name)s::text, topic.name), parent = %(parent)s::text
FROM news.topic_releases AS release
WHERE release.release_id = %(release_id)s::bigint AND topic.topic_id = release.topic_id;

-- name: ask_for_touched -> AskedCount
-- Work for the articles whose tags the release changes, and for those that were tagged while it was looked at or decided.
-- Behind live work: 1 is the priority of bulk.
WITH touched AS (
    SELECT change.article_id
    FROM news.topic_release_changes AS change
    WHERE change.release_id = %(release_id)s::bigint
    UNION
    SELECT tagging.article_id
    FROM news.article_taggings AS tagging
    JOIN news.topic_releases AS release ON release.release_id = %(release_id)s::bigint
    WHERE tagging.tagged_at >= release.proposed_at OR tagging.article_id > release.looked_to
), asked AS MATERIALIZED (
    SELECT ops.ask('tag', array_agg(touched.article_id), NULL, statement_timestamp(), 1::smallint)
    FROM touched
    HAVING count(*) > 0
)
SELECT (SELECT count(*) FROM touched)::integer AS asked
FROM (SELECT count(*) FROM asked) AS done;

-- name: record_untouched
-- The other articles were looked at as well: by the new version as by the former, with the same result.
UPDATE news.article_taggings AS tagging
SET definitions_sha256 = %(after_sha256)s::bytea
FROM news.topic_releases AS release
WHERE release.release_id = %(release_id)s::bigint AND tagging.definitions_sha256 = %(before_sha256)s::bytea
    AND tagging.tagged_at < release.proposed_at AND tagging.article_id <= release.looked_to
    AND NOT EXISTS (
        SELECT FROM news.topic_release_changes AS change
        WHERE change.release_id = release.release_id AND change.article_id = tagging.article_id);

-- name: close
UPDATE news.topic_releases AS release
SET outcome = %(outcome)s::text, decided_at = now(), decided_by = %(decided_by)s::text, note = %(note)s::text
WHERE release.release_id = %(release_id)s::bigint;

-- name: begin
-- An empty system starts with its files: what has never tagged anything replaces nothing.
UPDATE news.topics AS topic
SET version_in_force = topic.version_offered
WHERE NOT EXISTS (SELECT FROM news.topics AS other WHERE other.version_in_force IS NOT NULL)
    AND NOT EXISTS (SELECT FROM news.article_taggings);
