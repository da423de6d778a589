-- name: versions -> StoryVersion
-- Every version of stories: the current one that readers see, one that is being built beside it, old ones.
SELECT version.story_version, version.rule, version.frequencies, version.state, version.features_from
FROM news.story_versions AS version
ORDER BY version.made_at, version.story_version;

-- name: begin_version
-- A version to be built beside the current one.
INSERT INTO news.story_versions AS version (story_version, rule, frequencies, state)
VALUES (%(story_version)s::text, %(rule)s::text, %(frequencies)s::text, 'next')
ON CONFLICT (story_version) DO UPDATE
SET state = 'next'
WHERE version.state = 'old';

-- name: retire_version
-- What readers saw until now. In a statement of its own: only one version is current at any moment.
UPDATE news.story_versions AS version
SET state = 'old'
WHERE version.state = 'current' AND version.story_version <> %(story_version)s::text;

-- name: make_current
-- What readers see from now on.
UPDATE news.story_versions AS version
SET state = 'current'
WHERE version.story_version = %(story_version)s::text;

-- name: frequencies -> FrequencyTable
-- The frozen table of a language.
SELECT frequency.terms, frequency.shares::float8[] AS shares
FROM news.story_frequencies AS frequency
WHERE frequency.frequencies = %(frequencies)s::text AND frequency.language = %(language)s::text;

-- name: save_frequencies
-- A table is made once and never changed.
INSERT INTO news.story_frequencies AS frequency (frequencies, language, articles, terms, shares)
VALUES (
    %(frequencies)s::text, %(language)s::text, %(articles)s::integer, %(terms)s::text[], %(shares)s::real[]
)
ON CONFLICT (frequencies, language) DO NOTHING;

-- name: inherit_frequencies
-- Languages of which too few articles are here keep the table that they had.
INSERT INTO news.story_frequencies AS frequency (frequencies, language, articles, terms, shares)
SELECT %(frequencies)s::text, before.language, before.articles, before.terms, before.shares
FROM news.story_frequencies AS before
WHERE before.frequencies = %(before)s::text
ON CONFLICT (frequencies, language) DO NOTHING;

-- name: texts_of_language -> LanguageText
-- Current texts of a language, newest first, copies left out: what a table of frequencies is counted from.
SELECT version.language, version.title || E'\n' || version.text AS text
FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
WHERE version.language = %(language)s::text
    AND NOT EXISTS (SELECT FROM news.copies AS copy WHERE copy.article_id = article.article_id)
ORDER BY article.at DESC, article.url
LIMIT %(at_most)s::integer;

-- name: languages -> NamedCount
-- How many articles each language has.
SELECT version.language AS name, count(*) AS count
FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
GROUP BY version.language
ORDER BY version.language;

-- name: articles -> StoryArticle
-- Current texts of these articles, and whether they are copies; an article without a text is not there.
SELECT article.article_id,
    version.version_id,
    article.url,
    version.title,
    version.text,
    version.language,
    article.at,
    EXISTS (SELECT FROM news.copies AS copy WHERE copy.article_id = article.article_id) AS is_copy
FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
WHERE article.article_id = ANY (%(keys)s::bigint[])
ORDER BY article.article_id;

-- name: of_days -> ArticleKey
-- The articles of some days: what a rebuild places.
SELECT article.article_id
FROM news.articles AS article
WHERE article.day BETWEEN %(first)s::date AND %(last)s::date AND article.current_version_id IS NOT NULL
ORDER BY article.article_id;

-- name: forget_features
-- Features are for comparing; after the retention hardly an article comes near them. Links and stories stay.
WITH marked AS (
    UPDATE news.story_versions AS version
    SET features_from = greatest(version.features_from, %(before)s::timestamptz)
    WHERE EXISTS (SELECT FROM news.story_features AS feature WHERE feature.at < %(before)s::timestamptz)
)
DELETE FROM news.story_features AS feature
WHERE feature.at < %(before)s::timestamptz;

-- name: without_features -> ArticleKey
-- Originals of some days whose features are not there (any more).
SELECT article.article_id
FROM news.articles AS article
WHERE article.day BETWEEN %(first)s::date AND %(last)s::date AND article.current_version_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM news.copies AS copy WHERE copy.article_id = article.article_id)
    AND NOT EXISTS (
        SELECT FROM news.story_features AS feature
        WHERE feature.story_version = %(story_version)s::text AND feature.article_id = article.article_id)
ORDER BY article.article_id;

-- name: unchanged -> ArticleKey
-- Which of these articles take part with this very version of their text, address and language.
SELECT feature.article_id
FROM news.story_features AS feature
JOIN unnest(%(article_ids)s::bigint[], %(version_ids)s::bigint[], %(urls)s::text[], %(languages)s::text[])
    AS read (article_id, version_id, url, language) USING (article_id)
WHERE feature.story_version = %(story_version)s::text
    AND (feature.version_id, feature.url, feature.language) = (read.version_id, read.url COLLATE "C", read.language)
ORDER BY feature.article_id;

-- name: woken -> ArticleKey
-- Later articles that are linked to these: if one of these is taken away, they are decided anew.
SELECT DISTINCT link.later_id AS article_id
FROM news.story_links AS link
WHERE link.story_version = %(story_version)s::text AND link.earlier_id = ANY (%(keys)s::bigint[])
    AND link.later_id <> ALL (%(keys)s::bigint[])
ORDER BY link.later_id;

-- name: drop_links
DELETE FROM news.story_links AS link
WHERE link.story_version = %(story_version)s::text
    AND (link.earlier_id = ANY (%(keys)s::bigint[]) OR link.later_id = ANY (%(keys)s::bigint[]));

-- name: drop_links_back
-- What these articles were linked to before them and is not listed any more.
DELETE FROM news.story_links AS link
WHERE link.story_version = %(story_version)s::text AND link.later_id = ANY (%(keys)s::bigint[])
    AND NOT EXISTS (
        SELECT FROM unnest(%(earlier_ids)s::bigint[], %(later_ids)s::bigint[]) AS listed (earlier_id, later_id)
        WHERE listed.earlier_id = link.earlier_id AND listed.later_id = link.later_id);

-- name: drop_features
DELETE FROM news.story_features AS feature
WHERE feature.story_version = %(story_version)s::text AND feature.article_id = ANY (%(keys)s::bigint[]);

-- name: drop_members
DELETE FROM news.story_members AS member
WHERE member.story_version = %(story_version)s::text AND member.article_id = ANY (%(keys)s::bigint[]);

-- name: save_features
INSERT INTO news.story_features AS feature (
    story_version, article_id, version_id, url, language, at, key_terms, rare_terms, features
)
SELECT %(story_version)s::text, made.article_id, made.version_id, made.url, made.language, made.at,
    made.key_terms::integer[], made.rare_terms::integer[], made.features
FROM unnest(
    %(article_ids)s::bigint[], %(version_ids)s::bigint[], %(urls)s::text[], %(languages)s::text[],
    %(ats)s::timestamptz[], %(key_terms)s::text[], %(rare_terms)s::text[], %(features)s::json[]
) AS made (article_id, version_id, url, language, at, key_terms, rare_terms, features)
ORDER BY made.article_id
ON CONFLICT (story_version, article_id) DO UPDATE
SET version_id = excluded.version_id, url = excluded.url, language = excluded.language, at = excluded.at,
    key_terms = excluded.key_terms, rare_terms = excluded.rare_terms, features = excluded.features, earlier = NULL, enough = NULL;

-- name: terms -> StoryTerms
SELECT feature.article_id,
    feature.url,
    feature.language,
    feature.at,
    feature.key_terms,
    feature.rare_terms,
    feature.earlier,
    feature.enough
FROM news.story_features AS feature
WHERE feature.story_version = %(story_version)s::text AND feature.article_id = ANY (%(keys)s::bigint[])
ORDER BY feature.language, feature.at, feature.url, feature.article_id;

-- name: sharing -> StoryTerms
-- Who shares a rare term with one of these articles, is of its language, and near it in time.
-- The index is asked for the terms of one article at a time, as it looks at every term for all that it finds, and for nothing else:
-- the other conditions stand outside, behind OFFSET 0, so that no statistics lead the planner another way.
SELECT DISTINCT ON (other.article_id) other.article_id,
    other.url,
    other.language,
    other.at,
    other.key_terms,
    other.rare_terms,
    other.earlier,
    other.enough
FROM news.story_features AS feature
CROSS JOIN LATERAL (
    SELECT seen.story_version, seen.article_id, seen.url, seen.language, seen.at, seen.key_terms, seen.rare_terms, seen.earlier,
        seen.enough
    FROM news.story_features AS seen
    WHERE seen.rare_terms && feature.rare_terms
    OFFSET 0
) AS other
WHERE feature.story_version = %(story_version)s::text AND feature.article_id = ANY (%(keys)s::bigint[])
    AND other.story_version = feature.story_version AND other.language = feature.language
    AND other.at BETWEEN feature.at - %(window)s::interval AND feature.at + %(window)s::interval
ORDER BY other.article_id;

-- name: around -> StoryTerms
-- All of a language and a time.
SELECT feature.article_id,
    feature.url,
    feature.language,
    feature.at,
    feature.key_terms,
    feature.rare_terms,
    feature.earlier,
    feature.enough
FROM news.story_features AS feature
WHERE feature.story_version = %(story_version)s::text AND feature.language = %(language)s::text
    AND feature.at BETWEEN %(first)s::timestamptz AND %(last)s::timestamptz
ORDER BY feature.language, feature.at;

-- name: count_earlier
-- How many earlier articles each has near it, and what they must share to be listed. Who goes is not taken off, so that there
-- are never more than it says.
UPDATE news.story_features AS feature
SET earlier = counted.earlier, enough = counted.enough
FROM unnest(%(article_ids)s::bigint[], %(earlier)s::integer[], %(enough)s::smallint[])
    AS counted (article_id, earlier, enough)
WHERE feature.story_version = %(story_version)s::text AND feature.article_id = counted.article_id
    AND feature.article_id = ANY (%(article_ids)s::bigint[]);

-- name: add_earlier
-- Articles that have come to stand before these.
UPDATE news.story_features AS feature
SET earlier = feature.earlier + come.articles
FROM unnest(%(article_ids)s::bigint[], %(articles)s::integer[]) AS come (article_id, articles)
WHERE feature.story_version = %(story_version)s::text AND feature.article_id = come.article_id
    AND feature.article_id = ANY (%(article_ids)s::bigint[]);

-- name: features -> StoredFeatures
SELECT feature.article_id,
    feature.url,
    feature.language,
    feature.at,
    feature.features::text AS features,
    feature.key_terms,
    feature.rare_terms
FROM news.story_features AS feature
WHERE feature.story_version = %(story_version)s::text AND feature.article_id = ANY (%(keys)s::bigint[])
ORDER BY feature.article_id;

-- name: save_links
INSERT INTO news.story_links AS link (story_version, earlier_id, later_id, score, evidence)
SELECT %(story_version)s::text, made.earlier_id, made.later_id, made.score, made.evidence
FROM unnest(%(earlier_ids)s::bigint[], %(later_ids)s::bigint[], %(scores)s::float8[], %(evidence)s::jsonb[])
    AS made (earlier_id, later_id, score, evidence)
ORDER BY made.later_id, made.earlier_id
ON CONFLICT (story_version, later_id, earlier_id) DO UPDATE
SET score = excluded.score, evidence = excluded.evidence;

-- name: ranks -> StoryPlace
-- Where these articles stand in the canonical order, and what they represent now (NULL: not decided yet).
SELECT article.article_id,
    article.at,
    article.url,
    member.story_id = member.article_id AS represents
FROM news.articles AS article
LEFT JOIN news.story_members AS member
    ON member.story_version = %(story_version)s::text AND member.article_id = article.article_id
WHERE article.article_id = ANY (%(keys)s::bigint[])
ORDER BY article.article_id;

-- name: links -> StoryLink
-- Every link of these articles, to earlier and to later ones.
SELECT link.earlier_id, link.later_id, link.score::float8 AS score
FROM news.story_links AS link
WHERE link.story_version = %(story_version)s::text
    AND (link.earlier_id = ANY (%(keys)s::bigint[]) OR link.later_id = ANY (%(keys)s::bigint[]))
ORDER BY link.later_id, link.earlier_id;

-- name: open_stories
INSERT INTO news.stories AS story (story_version, story_id, at)
SELECT %(story_version)s::text, article.article_id, article.at
FROM news.articles AS article
WHERE article.article_id = ANY (%(keys)s::bigint[])
ORDER BY article.article_id
ON CONFLICT (story_version, story_id) DO NOTHING;

-- name: save_members -> ChangedArticle
-- The stories of articles, with the link that proves each; returns those for which something changed.
INSERT INTO news.story_members AS member (story_version, article_id, story_id, score, evidence)
SELECT %(story_version)s::text, decided.article_id, decided.story_id, link.score, link.evidence
FROM unnest(%(article_ids)s::bigint[], %(story_ids)s::bigint[]) AS decided (article_id, story_id)
LEFT JOIN news.story_links AS link
    ON link.story_version = %(story_version)s::text AND link.later_id = decided.article_id
    AND link.earlier_id = decided.story_id
ORDER BY decided.article_id
ON CONFLICT (story_version, article_id) DO UPDATE
SET story_id = excluded.story_id, score = excluded.score, evidence = excluded.evidence, decided_at = now()
WHERE (member.story_id, member.score, member.evidence) IS DISTINCT FROM (excluded.story_id, excluded.score, excluded.evidence)
RETURNING member.article_id;

-- name: close_empty
-- A story whose representative joined another, became a copy or went away is none any more.
DELETE FROM news.stories AS story
WHERE story.story_version = %(story_version)s::text AND story.story_id = ANY (%(keys)s::bigint[])
    AND NOT EXISTS (
        SELECT FROM news.story_members AS member
        WHERE member.story_version = story.story_version AND member.article_id = story.story_id
            AND member.story_id = story.story_id);

-- name: alias
-- Ids that named a story and do no more: who asks for one finds the story in which that article is now.
INSERT INTO news.story_aliases AS alias (story_version, alias_id)
SELECT %(story_version)s::text, former.article_id
FROM unnest(%(keys)s::bigint[]) AS former (article_id)
ORDER BY former.article_id
ON CONFLICT (story_version, alias_id) DO NOTHING;

-- name: unalias
-- An article that represents a story again is nobody's alias.
DELETE FROM news.story_aliases AS alias
WHERE alias.story_version = %(story_version)s::text AND alias.alias_id = ANY (%(keys)s::bigint[]);

-- name: difference -> StoryChange
-- What two versions of stories say of the articles of some days that both have placed, in pairs of articles of one story.
WITH both_placed AS (
    SELECT before.article_id, before.story_id AS before_id, after.story_id AS after_id
    FROM news.story_members AS before
    JOIN news.story_members AS after ON after.article_id = before.article_id
    JOIN news.articles AS article ON article.article_id = before.article_id
    WHERE before.story_version = %(before)s::text AND after.story_version = %(after)s::text
        AND article.day BETWEEN %(first)s::date AND %(last)s::date
), pairs AS (
    SELECT
        (SELECT coalesce(sum(n * (n - 1) / 2), 0)::bigint
         FROM (SELECT count(*) AS n FROM both_placed GROUP BY before_id, after_id) AS cells) AS kept,
        (SELECT coalesce(sum(n * (n - 1) / 2), 0)::bigint
         FROM (SELECT count(*) AS n FROM both_placed GROUP BY before_id) AS stories) AS before,
        (SELECT coalesce(sum(n * (n - 1) / 2), 0)::bigint
         FROM (SELECT count(*) AS n FROM both_placed GROUP BY after_id) AS stories) AS after
)
SELECT (SELECT count(*) FROM both_placed) AS articles,
    (SELECT count(DISTINCT before_id) FROM both_placed) AS stories_before,
    (SELECT count(DISTINCT after_id) FROM both_placed) AS stories_after,
    pairs.kept,
    pairs.before - pairs.kept AS lost,
    pairs.after - pairs.kept AS won
FROM pairs;

-- name: moved -> StoryMove
-- Articles whose company differs between two versions, some of them, for people to judge.
SELECT article.url, former.url AS before_url, present.url AS after_url
FROM news.story_members AS before
JOIN news.story_members AS after ON after.article_id = before.article_id
JOIN news.articles AS article ON article.article_id = before.article_id
JOIN news.articles AS former ON former.article_id = before.story_id
JOIN news.articles AS present ON present.article_id = after.story_id
WHERE before.story_version = %(before)s::text AND after.story_version = %(after)s::text
    AND article.day BETWEEN %(first)s::date AND %(last)s::date
    AND before.story_id <> after.story_id
ORDER BY article.at, article.url
LIMIT %(at_most)s::integer;

-- name: story_of -> StoryLine
-- The story that an article belongs to, in the order of its reports, each with what proves that it belongs there.
SELECT line.article_id, line.url, line.title, line.publisher, line.at, line.is_representative, line.is_copy,
    line.score::float8 AS score, line.evidence
FROM mart.story_articles AS line
WHERE line.story_id = (
    SELECT placed.story_id
    FROM news.article_stories AS placed
    WHERE placed.article_id = %(article_id)s::bigint)
ORDER BY NOT line.is_representative, line.at, line.url;

-- name: told_by_several -> ArticleKey
-- The representatives of stories that more than one article tells in its own words, largest first.
SELECT story.story_id AS article_id
FROM mart.stories AS story
WHERE story.originals > 1
ORDER BY story.articles DESC, story.first_at, story.url
LIMIT %(at_most)s::integer;
