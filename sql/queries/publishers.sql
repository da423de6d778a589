-- name: ensure
-- A publisher for each domain; what a user says of it (name, country, language) wins over what is there.
INSERT INTO news.publishers AS publisher (domain, name, country, language)
SELECT DISTINCT ON (wanted.domain) wanted.domain, wanted.name, wanted.country, wanted.language
FROM unnest(%(domains)s::text[], %(names)s::text[], %(countries)s::text[], %(languages)s::text[])
    AS wanted (domain, name, country, language)
ORDER BY wanted.domain, wanted.name
ON CONFLICT (domain) DO UPDATE
SET name = coalesce(excluded.name, publisher.name),
    country = coalesce(excluded.country, publisher.country),
    language = coalesce(excluded.language, publisher.language)
WHERE (coalesce(excluded.name, publisher.name), coalesce(excluded.country, publisher.country),
        coalesce(excluded.language, publisher.language))
    IS DISTINCT FROM (publisher.name, publisher.country, publisher.language);
