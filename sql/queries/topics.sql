-- name: offer -> OfferedVersion
-- A definition that passed its checks: a version of its own if it is new. It tags when it is released.
WITH topic AS (
    INSERT INTO news.topics AS topic (slug, name, parent, file_sha256)
    VALUES (%(slug)s::text, %(name)s::text, %(parent)s::text, %(file_sha256)s::bytea)
    ON CONFLICT (slug) DO UPDATE
    SET file_sha256 = excluded.file_sha256, problem = NULL,
        name = CASE WHEN topic.version_in_force IS NULL THEN excluded.name ELSE topic.name END,
        parent = CASE WHEN topic.version_in_force IS NULL THEN excluded.parent ELSE topic.parent END
    RETURNING topic.topic_id
), version AS (
    INSERT INTO news.topic_versions AS version (topic_id, sha256, definition)
    SELECT topic.topic_id, %(sha256)s::bytea, %(definition)s::text
    FROM topic
    ON CONFLICT (topic_id, sha256) DO UPDATE SET definition = version.definition
    RETURNING version.topic_id, version.topic_version_id
)
SELECT version.topic_id, version.topic_version_id
FROM version;

-- name: set_offered
UPDATE news.topics AS topic
SET version_offered = %(topic_version_id)s::bigint
WHERE topic.topic_id = %(topic_id)s::bigint AND topic.version_offered IS DISTINCT FROM %(topic_version_id)s::bigint;

-- name: report_problem
-- A file that cannot be used: the last good version stays in force, and the problem is there to be read.
INSERT INTO news.topics AS topic (slug, name, problem, file_sha256)
VALUES (%(slug)s::text, %(slug)s::text, %(problem)s::text, %(file_sha256)s::bytea)
ON CONFLICT (slug) DO UPDATE SET problem = excluded.problem, file_sha256 = excluded.file_sha256;

-- name: withdraw
-- Topics whose file is gone: nothing is offered in place of what is in force.
UPDATE news.topics AS topic
SET version_offered = NULL, problem = NULL, file_sha256 = NULL
WHERE NOT topic.slug = ANY (%(slugs)s::text[]) AND topic.file_sha256 IS NOT NULL;

-- name: files -> TopicFile
-- The files as they were last read, good or bad.
SELECT topic.slug, topic.file_sha256
FROM news.topics AS topic
WHERE topic.file_sha256 IS NOT NULL
ORDER BY topic.slug;

-- name: hold_in_force
-- Nothing is released until this transaction ends: what it tags, it tags with what is in force. A release over a million
-- articles holds the other side for some seconds, so that the usual patience is too short.
SELECT pg_advisory_xact_lock_shared(hashtext('newswire topics in force'))
WHERE set_config('lock_timeout', '60s', true) IS NOT NULL;

-- name: in_force_digest -> DefinitionsDigest
SELECT sha256(coalesce(string_agg(version.sha256, ''::bytea ORDER BY topic.slug), ''::bytea)) AS sha256
FROM news.topics AS topic
JOIN news.topic_versions AS version ON version.topic_version_id = topic.version_in_force;

-- name: in_force -> TopicInForce
SELECT topic.topic_id, topic.slug, version.topic_version_id, version.definition, version.sha256
FROM news.topics AS topic
JOIN news.topic_versions AS version ON version.topic_version_id = topic.version_in_force
ORDER BY topic.slug;

-- name: offered -> TopicInForce
SELECT topic.topic_id, topic.slug, version.topic_version_id, version.definition, version.sha256
FROM news.topics AS topic
JOIN news.topic_versions AS version ON version.topic_version_id = topic.version_offered
ORDER BY topic.slug;

-- name: problems -> TopicProblem
SELECT topic.slug, topic.problem
FROM news.topics AS topic
WHERE topic.problem IS NOT NULL
ORDER BY topic.slug;

-- name: replace -> ChangedArticle
-- The tags of these articles under these topics are exactly these; returns the articles for which something changed.
-- What changes or goes is appended to the history: every part of the statement sees the tags as they were before it. A version
-- of the topic that finds the same in the same text changes nothing: the tag names the version that first gave it.
WITH tagged AS MATERIALIZED (
    SELECT *
    FROM unnest(
        %(article_ids)s::bigint[], %(topic_ids)s::bigint[], %(topic_version_ids)s::bigint[], %(version_ids)s::bigint[],
        %(levels)s::text[], %(scores)s::real[], %(evidences)s::jsonb[]
    ) AS tagged (article_id, topic_id, topic_version_id, version_id, level, score, evidence)
), known AS MATERIALIZED (
    SELECT tag.*
    FROM news.article_topics AS tag
    WHERE tag.article_id = ANY (%(looked_at)s::bigint[])
        AND (%(whole)s::boolean OR tag.topic_id = ANY (%(scope)s::bigint[]))
), fresh AS MATERIALIZED (
    SELECT tagged.*
    FROM tagged
    LEFT JOIN known USING (article_id, topic_id)
    WHERE (tagged.version_id, tagged.level, tagged.score, tagged.evidence)
        IS DISTINCT FROM (known.version_id, known.level, known.score, known.evidence)
), gone AS MATERIALIZED (
    SELECT known.article_id, known.topic_id
    FROM known
    LEFT JOIN tagged USING (article_id, topic_id)
    WHERE tagged.article_id IS NULL
), kept AS (
    INSERT INTO news.article_topic_history (
        article_id, topic_id, topic_version_id, version_id, engine, level, score, evidence, valid_from
    )
    SELECT known.article_id, known.topic_id, known.topic_version_id, known.version_id, known.engine, known.level, known.score,
        known.evidence, known.valid_from
    FROM known
    JOIN (SELECT article_id, topic_id FROM fresh UNION ALL SELECT article_id, topic_id FROM gone) AS touched
        USING (article_id, topic_id)
    ORDER BY known.article_id, known.topic_id
    ON CONFLICT (article_id, topic_id, valid_from) DO NOTHING
), dropped AS (
    DELETE FROM news.article_topics AS tag
    USING gone
    WHERE tag.article_id = gone.article_id AND tag.topic_id = gone.topic_id
    RETURNING tag.article_id
), written AS (
    INSERT INTO news.article_topics AS tag (
        article_id, topic_id, topic_version_id, version_id, engine, level, score, evidence
    )
    SELECT fresh.article_id, fresh.topic_id, fresh.topic_version_id, fresh.version_id, %(engine)s::text, fresh.level,
        fresh.score, fresh.evidence
    FROM fresh
    ORDER BY fresh.article_id, fresh.topic_id
    ON CONFLICT (article_id, topic_id) DO UPDATE
    SET topic_version_id = excluded.topic_version_id, version_id = excluded.version_id, engine = excluded.engine,
        level = excluded.level, score = excluded.score, evidence = excluded.evidence, valid_from = now()
    RETURNING tag.article_id
)
SELECT dropped.article_id FROM dropped
UNION
SELECT written.article_id FROM written
ORDER BY article_id;

-- name: record_taggings
-- Looked at, and by which definitions: proof for articles without a tag too.
-- By the clock, not by the beginning of the transaction: a release asks what was tagged since it was proposed.
INSERT INTO news.article_taggings AS tagging (article_id, version_id, definitions_sha256, engine, first_tagged_at, tagged_at)
SELECT looked.article_id, looked.version_id, %(definitions_sha256)s::bytea, %(engine)s::text, clock_timestamp(),
    clock_timestamp()
FROM unnest(%(looked_at)s::bigint[], %(looked_version_ids)s::bigint[]) AS looked (article_id, version_id)
ORDER BY looked.article_id
ON CONFLICT (article_id) DO UPDATE
SET version_id = excluded.version_id, definitions_sha256 = excluded.definitions_sha256, engine = excluded.engine,
    tagged_at = excluded.tagged_at
WHERE (tagging.version_id, tagging.definitions_sha256, tagging.engine)
    IS DISTINCT FROM (excluded.version_id, excluded.definitions_sha256, excluded.engine);
