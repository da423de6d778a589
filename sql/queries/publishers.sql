-- name: ensure
-- A publisher for each domain, with what is said of it: who says it decides whether it replaces what is there.
WITH said AS (
    SELECT wanted.domain,
        min(wanted.name) AS name,
        (array_agg(wanted.country ORDER BY wanted.country IS NULL, wanted.country_from = 'domain', wanted.country))[1]
            AS country,
        (array_agg(wanted.country_from ORDER BY wanted.country IS NULL, wanted.country_from = 'domain', wanted.country))[1]
            AS country_from,
        array_remove(array_agg(DISTINCT wanted.language), NULL) AS languages,
        min(wanted.kind) AS kind
    FROM unnest(
        %(domains)s::text[], %(names)s::text[], %(countries)s::text[], %(country_froms)s::text[], %(languages)s::text[],
        %(kinds)s::text[]
    ) AS wanted (domain, name, country, country_from, language, kind)
    GROUP BY wanted.domain
)
INSERT INTO news.publishers AS publisher (
    domain, name, name_from, country, country_from, languages, languages_from, kind, kind_from
)
SELECT said.domain, said.name, CASE WHEN said.name IS NOT NULL THEN %(said_by)s::text END, said.country,
    CASE WHEN said.country IS NOT NULL THEN said.country_from END, said.languages,
    CASE WHEN said.languages <> '{}' THEN %(said_by)s::text END, said.kind,
    CASE WHEN said.kind IS NOT NULL THEN %(said_by)s::text END
FROM said
ORDER BY said.domain
ON CONFLICT (domain) DO UPDATE
SET name = CASE WHEN news.outranks(excluded.name_from, publisher.name_from) THEN excluded.name ELSE publisher.name END,
    name_from = CASE WHEN news.outranks(excluded.name_from, publisher.name_from) THEN excluded.name_from
        ELSE publisher.name_from END,
    country = CASE WHEN news.outranks(excluded.country_from, publisher.country_from) THEN excluded.country
        ELSE publisher.country END,
    country_from = CASE WHEN news.outranks(excluded.country_from, publisher.country_from) THEN excluded.country_from
        ELSE publisher.country_from END,
    languages = news.languages_after(
        excluded.languages, excluded.languages_from, publisher.languages, publisher.languages_from),
    languages_from = CASE WHEN news.outranks(excluded.languages_from, publisher.languages_from)
        THEN excluded.languages_from ELSE publisher.languages_from END,
    kind = CASE WHEN news.outranks(excluded.kind_from, publisher.kind_from) THEN excluded.kind ELSE publisher.kind END,
    kind_from = CASE WHEN news.outranks(excluded.kind_from, publisher.kind_from) THEN excluded.kind_from
        ELSE publisher.kind_from END
WHERE (news.outranks(excluded.name_from, publisher.name_from)
        AND (excluded.name, excluded.name_from) IS DISTINCT FROM (publisher.name, publisher.name_from))
    OR (news.outranks(excluded.country_from, publisher.country_from)
        AND (excluded.country, excluded.country_from) IS DISTINCT FROM (publisher.country, publisher.country_from))
    OR (news.outranks(excluded.languages_from, publisher.languages_from)
        AND (NOT excluded.languages <@ publisher.languages OR excluded.languages_from <> publisher.languages_from))
    OR (news.outranks(excluded.kind_from, publisher.kind_from)
        AND (excluded.kind, excluded.kind_from) IS DISTINCT FROM (publisher.kind, publisher.kind_from));

-- name: learn_from_feeds
-- What feeds say of their publishers, where nobody better said it: the first title for a name, the declared languages.
-- Rows are locked in the order of `ensure`, so that a poll and an extraction never wait for each other.
WITH said AS (
    SELECT feed.publisher_id,
        (array_agg(feed.title ORDER BY feed.feed_id) FILTER (WHERE feed.title IS NOT NULL))[1] AS title,
        array_remove(array_agg(DISTINCT feed.language), NULL) AS languages
    FROM news.feeds AS feed
    WHERE feed.feed_id = ANY (%(feed_ids)s::bigint[])
    GROUP BY feed.publisher_id
), told AS (
    SELECT known.publisher_id, said.title, said.languages
    FROM news.publishers AS known
    JOIN said USING (publisher_id)
    WHERE (known.name IS NULL AND said.title IS NOT NULL)
        OR (coalesce(known.languages_from, 'feed') = 'feed' AND NOT said.languages <@ known.languages)
    ORDER BY known.domain
    FOR NO KEY UPDATE OF known
)
UPDATE news.publishers AS publisher
SET name = coalesce(publisher.name, told.title),
    name_from = CASE WHEN publisher.name IS NULL AND told.title IS NOT NULL THEN 'feed' ELSE publisher.name_from END,
    languages = CASE WHEN coalesce(publisher.languages_from, 'feed') = 'feed'
        THEN news.united(publisher.languages, told.languages) ELSE publisher.languages END,
    languages_from = coalesce(publisher.languages_from, CASE WHEN told.languages <> '{}' THEN 'feed' END)
FROM told
WHERE told.publisher_id = publisher.publisher_id;

-- name: learn_from_pages
-- The name that pages give their site, where neither a user nor the starter list named the publisher. (`ensure` ran before
-- in the same transaction and holds the rows.)
WITH said AS (
    SELECT read.domain, mode() WITHIN GROUP (ORDER BY read.site_name) AS name
    FROM unnest(%(domains)s::text[], %(site_names)s::text[]) AS read (domain, site_name)
    WHERE read.site_name IS NOT NULL
    GROUP BY read.domain
)
UPDATE news.publishers AS publisher
SET name = said.name, name_from = 'page'
FROM said
WHERE said.domain = publisher.domain AND coalesce(publisher.name_from, 'feed') = 'feed';

-- name: set
-- What a user says of a publisher replaces all that was known; NULL leaves a value alone.
UPDATE news.publishers AS publisher
SET name = coalesce(%(name)s::text, publisher.name),
    name_from = CASE WHEN %(name)s::text IS NOT NULL THEN 'user' ELSE publisher.name_from END,
    country = coalesce(%(country)s::text, publisher.country),
    country_from = CASE WHEN %(country)s::text IS NOT NULL THEN 'user' ELSE publisher.country_from END,
    languages = coalesce(%(languages)s::text[], publisher.languages),
    languages_from = CASE WHEN %(languages)s::text[] IS NOT NULL THEN 'user' ELSE publisher.languages_from END,
    kind = coalesce(%(kind)s::text, publisher.kind),
    kind_from = CASE WHEN %(kind)s::text IS NOT NULL THEN 'user' ELSE publisher.kind_from END
WHERE publisher.domain = %(domain)s::text;

-- name: listed -> PublisherLine
-- Every publisher, with where each value comes from.
SELECT publisher.domain,
    publisher.name,
    publisher.name_from,
    publisher.country,
    publisher.country_from,
    publisher.languages,
    publisher.languages_from,
    publisher.kind,
    publisher.kind_from,
    publisher.feeds
FROM mart.publishers AS publisher
ORDER BY publisher.domain;
