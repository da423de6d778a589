-- name: lock_groups
-- One matcher at a time: pairs and groups are decided from all that is there, so nobody else may be about to add to it.
SELECT pg_advisory_xact_lock(hashtext('newswire groups'));

-- name: plan_matching
SELECT ops.plan_matching(%(whole_tables)s::boolean);

-- name: versions -> ArticleVersion
-- The current version of each article, and those before it that have no fingerprint.
SELECT article.article_id,
    version.version_id,
    version.title,
    version.text,
    version.authors,
    article.publisher_id AS source_id,
    article.at,
    article.day
FROM news.articles AS article
JOIN news.article_versions AS version ON version.article_id = article.article_id
WHERE article.article_id = ANY (%(keys)s::bigint[]) AND article.current_version_id IS NOT NULL
    AND version.emptied_at IS NULL
    AND (version.version_id = article.current_version_id OR NOT EXISTS (
        SELECT FROM news.fingerprints AS known
        WHERE known.article_id = article.article_id AND known.version_id = version.version_id
            AND known.signature = %(signature)s::text AND known.day = article.day))
ORDER BY article.article_id, version.version_id;

-- name: open_weeks -> OpenedWeek
-- Make the weeks that these days and those around them belong to; returns those that were not there.
SELECT opened.week
FROM ops.open_weeks(%(days)s::date[], %(around)s::integer) AS opened (week)
ORDER BY opened.week;

-- name: drop_weeks -> DroppedWeeks
SELECT ops.drop_weeks(%(keep_days)s::integer) AS dropped;

-- name: grouped_in_weeks -> ArticleKey
-- Articles of these weeks that were grouped by this rule: what a week that was dropped is made of again.
SELECT article.article_id
FROM unnest(%(weeks)s::date[]) AS opened (week)
JOIN news.articles AS article ON article.day BETWEEN opened.week AND opened.week + 6
JOIN news.text_keys AS known ON known.article_id = article.article_id AND known.signature = %(signature)s::text
WHERE known.text_key IS NOT NULL
ORDER BY article.article_id;

-- name: save_fingerprints
-- Fingerprints of versions. Arrays come as text, because an array of arrays of different lengths cannot be sent.
INSERT INTO news.fingerprints AS fingerprint (
    article_id, version_id, signature, day, is_current, source_id, at, words, text_key, anchors, sketch, cut, title, numbers,
    opening
)
SELECT made.article_id, made.version_id, %(signature)s::text, made.day, article.current_version_id = made.version_id,
    made.source_id, made.at, made.words, made.text_key, made.anchors::integer[], made.sketch::integer[], made.cut,
    made.title::integer[], made.numbers::integer[], made.opening::smallint[]
FROM unnest(
    %(article_ids)s::bigint[], %(version_ids)s::bigint[], %(days)s::date[], %(source_ids)s::bigint[],
    %(ats)s::timestamptz[], %(words)s::integer[], %(text_keys)s::bytea[], %(anchors)s::text[], %(sketches)s::text[],
    %(cuts)s::integer[], %(titles)s::text[], %(numbers)s::text[], %(openings)s::text[]
) AS made (
    article_id, version_id, day, source_id, at, words, text_key, anchors, sketch, cut, title, numbers, opening
)
JOIN news.articles AS article ON article.article_id = made.article_id
ON CONFLICT DO NOTHING;

-- name: mark_current
-- Only the current version of an article is like others; one that was current before stays, because hot anchors count it.
UPDATE news.fingerprints AS fingerprint
SET is_current = NOT fingerprint.is_current
FROM news.articles AS article
WHERE article.article_id = ANY (%(keys)s::bigint[])
    AND fingerprint.article_id = article.article_id AND fingerprint.day = article.day
    AND fingerprint.article_id = ANY (%(keys)s::bigint[]) AND fingerprint.day = ANY (%(days)s::date[])  -- their weeks only
    AND fingerprint.signature = %(signature)s::text
    AND fingerprint.is_current IS DISTINCT FROM (fingerprint.version_id = article.current_version_id);

-- name: save_text_keys
-- What these articles say now, for ever: the key of the text, its length, and the agency that the byline names.
INSERT INTO news.text_keys AS known (article_id, signature, version_id, text_key, words, agency)
SELECT made.article_id, %(signature)s::text, made.version_id, made.text_key, made.words, made.agency
FROM unnest(
    %(article_ids)s::bigint[], %(version_ids)s::bigint[], %(text_keys)s::bytea[], %(words)s::integer[], %(agencies)s::text[]
) AS made (article_id, version_id, text_key, words, agency)
JOIN news.articles AS article
    ON article.article_id = made.article_id AND article.current_version_id = made.version_id
ORDER BY made.article_id
ON CONFLICT (article_id, signature) DO UPDATE
SET version_id = excluded.version_id, text_key = excluded.text_key, words = excluded.words, agency = excluded.agency
WHERE (known.version_id, known.text_key, known.words, known.agency)
    IS DISTINCT FROM (excluded.version_id, excluded.text_key, excluded.words, excluded.agency);

-- name: heat -> HotAnchor
-- Anchors that more versions of one day carry than tell anything; returns those that are hot now and were not before.
-- Only anchors of these articles are looked at: nothing else has gained a version. One that is hot already is left out, so that
-- a form which fills a day costs no more than the limit.
INSERT INTO news.hot_anchors AS hot (signature, anchor, day)
SELECT %(signature)s::text, carried.anchor, carried.day
FROM (
    SELECT DISTINCT own.day, shared.anchor, seen.article_id, seen.version_id
    FROM unnest(%(keys)s::bigint[]) AS listed (article_id)
    CROSS JOIN LATERAL (
        SELECT article.article_id, article.day
        FROM news.articles AS article
        WHERE article.article_id = listed.article_id
        OFFSET 0
    ) AS article
    CROSS JOIN LATERAL (
        SELECT fingerprint.day, fingerprint.signature,
            news.cool_anchors(
                fingerprint.anchors, fingerprint.anchors, %(signature)s::text, ARRAY[fingerprint.day], 0) AS anchors
        FROM news.fingerprints AS fingerprint
        WHERE fingerprint.article_id = article.article_id AND fingerprint.day = article.day
        OFFSET 0
    ) AS own
    CROSS JOIN LATERAL (
        SELECT carrier.article_id, carrier.version_id, carrier.signature, carrier.anchors
        FROM news.fingerprints AS carrier
        WHERE carrier.day = own.day AND carrier.anchors && own.anchors
        OFFSET 0
    ) AS seen
    CROSS JOIN LATERAL unnest(own.anchors) AS shared (anchor)
    WHERE own.signature = %(signature)s::text AND seen.signature = %(signature)s::text
        AND shared.anchor = ANY (seen.anchors)
) AS carried
GROUP BY carried.day, carried.anchor
HAVING count(*) > %(hot_limit)s::integer
ORDER BY carried.day, carried.anchor
ON CONFLICT DO NOTHING
RETURNING hot.day, hot.anchor;

-- name: drop_pairs -> PairKey
-- What was said of these articles and is not found any more.
DELETE FROM news.duplicate_pairs AS pair
WHERE pair.signature = %(signature)s::text
    AND (pair.article_a = ANY (%(keys)s::bigint[]) OR pair.article_b = ANY (%(keys)s::bigint[]))
    AND NOT EXISTS (
        SELECT
        FROM unnest(%(article_a)s::bigint[], %(article_b)s::bigint[]) AS found (article_a, article_b)
        WHERE found.article_a = pair.article_a AND found.article_b = pair.article_b)
RETURNING pair.article_a, pair.article_b;

-- name: drop_hot_pairs -> PairKey
-- Pairs that would not be found any more, now that these anchors are hot: fewer than two cool ones are left to them.
WITH turned AS MATERIALIZED (
    SELECT turned.day, array_agg(turned.anchor) AS anchors
    FROM unnest(%(day)s::date[], %(anchor)s::integer[]) AS turned (day, anchor)
    GROUP BY turned.day
), touched AS MATERIALIZED (
    SELECT DISTINCT seen.article_id
    FROM turned
    CROSS JOIN LATERAL (
        SELECT carrier.article_id
        FROM news.fingerprints AS carrier
        WHERE carrier.day BETWEEN turned.day - %(window_days)s::integer AND turned.day + %(window_days)s::integer
            AND carrier.anchors && turned.anchors
        OFFSET 0
    ) AS seen
), doubtful AS (
    SELECT pair.article_a, pair.article_b
    FROM touched
    JOIN news.duplicate_pairs AS pair ON pair.article_a = touched.article_id
    UNION
    SELECT pair.article_a, pair.article_b
    FROM touched
    JOIN news.duplicate_pairs AS pair ON pair.article_b = touched.article_id
)
DELETE FROM news.duplicate_pairs AS pair
USING doubtful, news.fingerprints AS a, news.fingerprints AS b
WHERE pair.article_a = doubtful.article_a AND pair.article_b = doubtful.article_b AND pair.signature = %(signature)s::text
    AND a.article_id = doubtful.article_a AND a.is_current AND a.signature = %(signature)s::text
    AND b.article_id = doubtful.article_b AND b.is_current AND b.signature = %(signature)s::text
    AND cardinality(news.cool_anchors(a.anchors, b.anchors, %(signature)s::text, ARRAY[a.day, b.day], %(window_days)s::integer)) < 2
RETURNING pair.article_a, pair.article_b;

-- name: candidates -> PairKey
-- Pairs to compare: one of these articles and any other within the window that shares two cool anchors with it and says not
-- quite the same (equal texts need no comparing, see `members`).
-- Each lateral query asks one index and nothing else; the other conditions stand outside, behind OFFSET 0, so that no
-- statistics, or lack of them, lead the planner another way (docs/duplicates.md has what that costs).
SELECT DISTINCT least(found.article_id, found.other_id) AS article_a, greatest(found.article_id, found.other_id) AS article_b
FROM (
    SELECT asked.article_id, other.article_id AS other_id
    FROM unnest(%(keys)s::bigint[]) AS listed (article_id)
    CROSS JOIN LATERAL (
        SELECT article.article_id, article.day
        FROM news.articles AS article
        WHERE article.article_id = listed.article_id
        OFFSET 0
    ) AS article
    CROSS JOIN LATERAL (
        SELECT own.article_id, own.day, own.text_key, own.signature, own.is_current, own.anchors
        FROM news.fingerprints AS own
        WHERE own.article_id = article.article_id AND own.day = article.day
        OFFSET 0
    ) AS asked
    CROSS JOIN LATERAL (
        SELECT news.cool_anchors(
            asked.anchors, asked.anchors, %(signature)s::text, ARRAY[asked.day], %(window_days)s::integer) AS anchors
        OFFSET 0
    ) AS cool
    CROSS JOIN LATERAL (
        SELECT seen.article_id, seen.day, seen.text_key, seen.signature, seen.is_current, seen.anchors
        FROM news.fingerprints AS seen
        WHERE seen.day BETWEEN asked.day - %(window_days)s::integer AND asked.day + %(window_days)s::integer
            AND seen.anchors && cool.anchors
        OFFSET 0
    ) AS other
    WHERE asked.is_current AND asked.signature = %(signature)s::text
        AND other.is_current AND other.signature = %(signature)s::text
        AND other.article_id <> asked.article_id AND other.text_key <> asked.text_key
        AND cardinality(news.cool_anchors(
            cool.anchors, other.anchors, %(signature)s::text, ARRAY[other.day], %(window_days)s::integer)) >= 2
) AS found
ORDER BY article_a, article_b;

-- name: fingerprints -> Fingerprint
-- The current fingerprints of these articles, in the order asked for.
SELECT own.source_id,
    own.at,
    own.words,
    own.text_key,
    own.anchors,
    own.sketch,
    own.cut,
    own.title,
    own.numbers,
    own.opening
FROM unnest(%(keys)s::bigint[]) WITH ORDINALITY AS listed (article_id, place)
CROSS JOIN LATERAL (
    SELECT article.article_id, article.day
    FROM news.articles AS article
    WHERE article.article_id = listed.article_id
    OFFSET 0
) AS article
CROSS JOIN LATERAL (
    SELECT fingerprint.source_id, fingerprint.at, fingerprint.words, fingerprint.text_key, fingerprint.anchors, fingerprint.sketch, fingerprint.cut, fingerprint.title,
        fingerprint.numbers, fingerprint.opening, fingerprint.signature, fingerprint.is_current
    FROM news.fingerprints AS fingerprint
    WHERE fingerprint.article_id = article.article_id AND fingerprint.day = article.day
    OFFSET 0
) AS own
WHERE own.is_current AND own.signature = %(signature)s::text
ORDER BY listed.place;

-- name: save_pairs
-- A pair of which the same is known already is not written.
INSERT INTO news.duplicate_pairs AS pair (
    article_a, article_b, signature, kind, containment, jaccard, title_share, numbers, numbers_alike
)
SELECT alike.article_a, alike.article_b, %(signature)s::text, alike.kind, alike.containment, alike.jaccard,
    alike.title_share, alike.numbers, alike.numbers_alike
FROM unnest(
    %(article_a)s::bigint[], %(article_b)s::bigint[], %(kind)s::text[], %(containment)s::real[], %(jaccard)s::real[],
    %(title_share)s::real[], %(numbers)s::integer[], %(numbers_alike)s::integer[]
) AS alike (article_a, article_b, kind, containment, jaccard, title_share, numbers, numbers_alike)
ORDER BY alike.article_a, alike.article_b
ON CONFLICT (article_a, article_b, signature) DO UPDATE
SET kind = excluded.kind, containment = excluded.containment, jaccard = excluded.jaccard, title_share = excluded.title_share,
    numbers = excluded.numbers, numbers_alike = excluded.numbers_alike
WHERE (pair.kind, pair.containment, pair.jaccard, pair.title_share, pair.numbers, pair.numbers_alike)
    IS DISTINCT FROM (excluded.kind, excluded.containment, excluded.jaccard, excluded.title_share, excluded.numbers, excluded.numbers_alike);

-- name: members -> GroupMember
-- All articles that belong with these, now or until now: by pairs, by equal texts, and by the groups that were decided before.
-- Equal texts are one node (text_key) of the walk, so that a text that was printed a thousand times costs a thousand steps.
WITH RECURSIVE seeds AS (
    SELECT seed.article_id
    FROM unnest(%(keys)s::bigint[]) AS seed (article_id)
), reached (article_id, text_key) AS (
    SELECT before.article_id, NULL::bytea
    FROM (
        SELECT seeds.article_id
        FROM seeds
        UNION
        SELECT mine.original_id
        FROM seeds
        JOIN news.duplicates AS mine ON mine.article_id = seeds.article_id AND mine.signature = %(signature)s::text
        UNION
        SELECT mate.article_id
        FROM seeds
        JOIN news.duplicates AS mine ON mine.article_id = seeds.article_id AND mine.signature = %(signature)s::text
        JOIN news.duplicates AS mate ON mate.original_id = mine.original_id AND mate.signature = %(signature)s::text
        UNION
        SELECT copy.article_id
        FROM seeds
        JOIN news.duplicates AS copy ON copy.original_id = seeds.article_id AND copy.signature = %(signature)s::text
    ) AS before
    UNION
    SELECT next.article_id, next.text_key
    FROM reached
    CROSS JOIN LATERAL (
        SELECT pair.article_b AS article_id, NULL::bytea AS text_key
        FROM news.duplicate_pairs AS pair
        WHERE pair.article_a = reached.article_id AND pair.signature = %(signature)s::text
        UNION ALL
        SELECT pair.article_a, NULL
        FROM news.duplicate_pairs AS pair
        WHERE pair.article_b = reached.article_id AND pair.signature = %(signature)s::text
        UNION ALL
        SELECT NULL, known.text_key
        FROM news.text_keys AS known
        WHERE known.article_id = reached.article_id AND known.signature = %(signature)s::text
            AND known.text_key IS NOT NULL
        UNION ALL
        SELECT known.article_id, NULL
        FROM news.text_keys AS known
        WHERE known.text_key = reached.text_key AND known.signature = %(signature)s::text
    ) AS next
)
SELECT article.article_id,
    article.url,
    address.address_key,
    article.published_at,
    article.at,
    known.text_key,
    coalesce(known.words, 0) AS words
FROM reached
JOIN news.articles AS article ON article.article_id = reached.article_id
JOIN news.addresses AS address ON address.address_id = article.address_id
LEFT JOIN news.text_keys AS known ON known.article_id = article.article_id AND known.signature = %(signature)s::text
WHERE reached.article_id IS NOT NULL
ORDER BY article.article_id;

-- name: pairs_of -> DuplicatePair
SELECT pair.article_a,
    pair.article_b,
    pair.kind,
    pair.containment,
    pair.jaccard,
    pair.title_share,
    pair.numbers,
    pair.numbers_alike
FROM news.duplicate_pairs AS pair
WHERE pair.article_a = ANY (%(keys)s::bigint[]) AND pair.signature = %(signature)s::text
ORDER BY pair.article_a, pair.article_b;

-- name: replace -> ChangedArticle
-- The decision on a set of articles replaces what was said of them; returns those for which something changed.
WITH decided AS (
    SELECT *
    FROM unnest(
        %(article_id)s::bigint[], %(original_id)s::bigint[], %(via_id)s::bigint[], %(kind)s::text[],
        %(containment)s::real[], %(jaccard)s::real[], %(title_share)s::real[], %(numbers)s::integer[],
        %(numbers_alike)s::integer[], %(reason)s::text[], %(first_reason)s::text[]
    ) AS decided (
        article_id, original_id, via_id, kind, containment, jaccard, title_share, numbers, numbers_alike, reason, first_reason
    )
), dropped AS (
    DELETE FROM news.duplicates AS duplicate
    WHERE duplicate.article_id = ANY (%(looked_at)s::bigint[]) AND duplicate.signature = %(signature)s::text
        AND NOT EXISTS (SELECT FROM decided WHERE decided.article_id = duplicate.article_id)
    RETURNING duplicate.article_id
), written AS (
    INSERT INTO news.duplicates AS duplicate (
        article_id, signature, original_id, via_id, kind, containment, jaccard, title_share, numbers, numbers_alike, reason,
        first_reason
    )
    SELECT decided.article_id, %(signature)s::text, decided.original_id, decided.via_id, decided.kind, decided.containment,
        decided.jaccard, decided.title_share, decided.numbers, decided.numbers_alike, decided.reason, decided.first_reason
    FROM decided
    ORDER BY decided.article_id
    ON CONFLICT (article_id, signature) DO UPDATE
    SET original_id = excluded.original_id, via_id = excluded.via_id, kind = excluded.kind,
        containment = excluded.containment, jaccard = excluded.jaccard, title_share = excluded.title_share,
        numbers = excluded.numbers, numbers_alike = excluded.numbers_alike, reason = excluded.reason,
        first_reason = excluded.first_reason, decided_at = now()
    WHERE (duplicate.original_id, duplicate.via_id, duplicate.kind, duplicate.containment, duplicate.jaccard,
            duplicate.title_share, duplicate.numbers, duplicate.numbers_alike, duplicate.reason, duplicate.first_reason)
        IS DISTINCT FROM (excluded.original_id, excluded.via_id, excluded.kind, excluded.containment, excluded.jaccard,
            excluded.title_share, excluded.numbers, excluded.numbers_alike, excluded.reason, excluded.first_reason)
    RETURNING duplicate.article_id
)
SELECT dropped.article_id FROM dropped
UNION
SELECT written.article_id FROM written
ORDER BY article_id;

-- name: adopt_rule
-- The first rule that groups anything is in force at once: there is nothing that readers could compare it with.
UPDATE ops.copy_rule AS rule
SET in_force = %(signature)s::text, since = now()
WHERE rule.in_force <> %(signature)s::text
    AND NOT EXISTS (SELECT FROM news.text_keys AS known WHERE known.signature = rule.in_force);

-- name: compared -> ComparedArticle
-- The current version of an article.
SELECT version.title,
    version.text,
    article.publisher_id AS source_id,
    article.at,
    mart.syndication(version.syndicated_from, known.agency) AS syndication
FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
LEFT JOIN ops.copy_rule AS rule ON true
LEFT JOIN news.text_keys AS known ON known.article_id = article.article_id AND known.signature = rule.in_force
WHERE article.article_id = %(article_id)s::bigint;

-- name: around -> DuplicateLine
-- The whole group of an article: its copies, first to last.
SELECT copy.url,
    copy.title,
    copy.original_url,
    copy.original_title,
    copy.kind,
    copy.syndication,
    copy.hours_after::float AS hours_after,
    copy.reason,
    copy.first_reason
FROM mart.duplicates AS copy
WHERE copy.original_id = (
    SELECT coalesce(mine.original_id, article.article_id)
    FROM news.articles AS article
    LEFT JOIN news.copies AS mine ON mine.article_id = article.article_id
    WHERE article.article_id = %(article_id)s::bigint)
ORDER BY copy.at, copy.url;

-- name: rule_versions -> RuleVersion
-- Every version of the rule that has grouped anything.
SELECT known.signature,
    count(*) AS articles,
    (SELECT count(*) FROM news.duplicates AS copy WHERE copy.signature = known.signature) AS copies,
    known.signature = rule.in_force AS in_force
FROM ops.copy_rule AS rule
CROSS JOIN news.text_keys AS known
GROUP BY known.signature, rule.in_force
ORDER BY known.signature;

-- name: rule_changes -> RuleChange
-- Copies that the newest version of the rule wins, or loses, against the one in force, among articles that both have grouped.
WITH newest AS (
    SELECT max(known.signature) AS signature FROM news.text_keys AS known
), asked AS (
    SELECT CASE WHEN %(won)s::boolean THEN newest.signature ELSE rule.in_force END AS has,
        CASE WHEN %(won)s::boolean THEN rule.in_force ELSE newest.signature END AS has_not
    FROM newest
    CROSS JOIN ops.copy_rule AS rule
)
SELECT article.url, copy.kind, copy.reason
FROM asked
JOIN news.duplicates AS copy ON copy.signature = asked.has
JOIN news.articles AS article ON article.article_id = copy.article_id
WHERE EXISTS (
        SELECT FROM news.text_keys AS known
        WHERE known.article_id = copy.article_id AND known.signature = asked.has_not)
    AND NOT EXISTS (
        SELECT FROM news.duplicates AS other
        WHERE other.article_id = copy.article_id AND other.signature = asked.has_not)
ORDER BY article.at, article.url;

-- name: switch_rule -> SwitchedRule
-- Put a version in force that has grouped something; the rollups of every day with a copy by either version are made again.
WITH switched AS (
    UPDATE ops.copy_rule AS rule
    SET in_force = %(signature)s::text, since = now()
    WHERE EXISTS (SELECT FROM news.text_keys AS known WHERE known.signature = %(signature)s::text)
    RETURNING rule.in_force
), touched AS (
    SELECT DISTINCT to_char(article.day, 'YYYYMMDD')::bigint AS key
    FROM switched
    CROSS JOIN news.duplicates AS copy
    JOIN news.articles AS article ON article.article_id = copy.article_id
), asked AS MATERIALIZED (
    SELECT ops.ask('publish', array_agg(touched.key)) FROM touched HAVING count(*) > 0
)
SELECT switched.in_force, (SELECT count(*) FROM asked) > 0 AS asked
FROM switched;
