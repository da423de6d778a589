-- name: lock
-- One transaction at a time learns about a site; in the order of their names, so that two cannot wait for each other.
SELECT pg_advisory_xact_lock(hashtextextended('site_blocks ' || named.site, 0))
FROM (SELECT DISTINCT site FROM unnest(%(sites)s::text[]) AS site ORDER BY site) AS named;

-- name: known -> SiteBlock
-- What is known of these paragraphs of these sites.
SELECT block.site, block.block_key, block.stories, block.days, block.is_repeated, block.sample
FROM news.site_blocks AS block
JOIN (SELECT DISTINCT site, block_key FROM unnest(%(sites)s::text[], %(block_keys)s::bigint[]) AS pair (site, block_key)) AS asked
    USING (site, block_key)
ORDER BY block.site, block.block_key;

-- name: save
INSERT INTO news.site_blocks AS block (site, block_key, stories, days, last_day, is_repeated, sample)
SELECT learned.site, learned.block_key,
    ARRAY(SELECT jsonb_array_elements_text(learned.stories)::bigint),
    ARRAY(SELECT jsonb_array_elements_text(learned.days)::date),
    (SELECT max(day::date) FROM jsonb_array_elements_text(learned.days) AS day),
    learned.is_repeated, learned.sample
FROM unnest(
    %(sites)s::text[], %(block_keys)s::bigint[], %(stories)s::jsonb[], %(days)s::jsonb[], %(are_repeated)s::boolean[],
    %(samples)s::text[]
) AS learned (site, block_key, stories, days, is_repeated, sample)
ORDER BY learned.site, learned.block_key
ON CONFLICT (site, block_key) DO UPDATE
SET stories = excluded.stories, days = excluded.days, last_day = excluded.last_day, is_repeated = excluded.is_repeated,
    sample = excluded.sample
WHERE (block.stories, block.days, block.is_repeated, block.sample)
    IS DISTINCT FROM (excluded.stories, excluded.days, excluded.is_repeated, excluded.sample);

-- name: forget
-- Paragraphs of these sites that nobody repeated in time: most are plain text of one story.
DELETE FROM news.site_blocks AS block
WHERE block.site = ANY (%(sites)s::text[]) AND NOT block.is_repeated
    AND block.last_day < (now() AT TIME ZONE 'UTC')::date - %(window_days)s::int;
