-- name: facts_of_extract -> Fact
-- What reading these addresses has come to, in words.
SELECT article.url AS subject,
    format('%%s | %%s characters %%s | %%s | %%s', version.title, length(version.text),
        left(encode(version.content_sha256, 'hex'), 8), version.language, array_to_string(version.authors, ', ')) AS fact
FROM news.addresses AS address
JOIN news.articles AS article USING (article_id)
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
WHERE address.address_id = ANY (%(keys)s::bigint[])
ORDER BY subject, fact;

-- name: facts_of_group -> Fact
-- Which of these articles repeat which.
SELECT copy.url AS subject, format('%%s of %%s', duplicate.kind, original.url) AS fact
FROM news.copies AS duplicate
JOIN news.articles AS copy ON copy.article_id = duplicate.article_id
JOIN news.articles AS original ON original.article_id = duplicate.original_id
WHERE duplicate.article_id = ANY (%(keys)s::bigint[])
ORDER BY subject, fact;

-- name: facts_of_tag -> Fact
-- Which topics these articles have.
SELECT article.url AS subject, format('%%s %%s %%s', topic.slug, tag.level, round(tag.score::numeric, 2)) AS fact
FROM news.article_topics AS tag
JOIN news.topics AS topic USING (topic_id)
JOIN news.articles AS article USING (article_id)
WHERE tag.article_id = ANY (%(keys)s::bigint[])
ORDER BY subject, fact;

-- name: facts_of_publish -> Fact
-- The rollups of these days.
SELECT format('%%s %%s %%s %%s', daily.day, daily.topic, daily.language, daily.country) AS subject,
    format('%%s articles, %%s originals, %%s sources, %%s core', daily.articles, daily.originals, daily.sources, daily.core_articles)
        AS fact
FROM mart.topic_daily AS daily
WHERE daily.day IN (SELECT to_date(keys.key::text, 'YYYYMMDD') FROM unnest(%(keys)s::bigint[]) AS keys (key))
ORDER BY subject, fact;

-- name: record
-- A line in the log of rebuilds.
INSERT INTO ops.rebuilds (day, stage, asked_by, scope, dry_run, seen, changed, unchanged, failed, changes)
VALUES (
    %(day)s::date, %(stage)s::text, %(asked_by)s::text, %(scope)s::jsonb, %(dry_run)s::boolean, %(seen)s::integer,
    %(changed)s::integer, %(unchanged)s::integer, %(failed)s::integer, %(changes)s::jsonb
);
