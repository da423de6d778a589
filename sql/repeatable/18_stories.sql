-- The story of every article, as readers see it: the current version; copies inherit the story of their original.
CREATE OR REPLACE VIEW news.article_stories AS
SELECT member.article_id,
    member.story_id,
    member.score,
    member.evidence,
    false AS is_copy
FROM news.story_members AS member
JOIN news.story_versions AS version ON version.story_version = member.story_version AND version.state = 'current'
UNION ALL
SELECT copy.article_id,
    member.story_id,
    member.score,
    member.evidence,
    true
FROM news.copies AS copy
JOIN news.story_members AS member ON member.article_id = copy.original_id
JOIN news.story_versions AS version ON version.story_version = member.story_version AND version.state = 'current';

-- What proves that an article belongs to its story, in one line.
CREATE OR REPLACE FUNCTION mart.story_proof(evidence jsonb, score real) RETURNS text
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT concat_ws('; ',
        'Names: ' || nullif(concat_ws(', ', VARIADIC ARRAY(SELECT jsonb_array_elements_text(evidence -> 'names'))), ''),
        'terms: ' || nullif(concat_ws(', ', VARIADIC ARRAY(SELECT jsonb_array_elements_text(evidence -> 'terms'))), ''),
        'numbers: ' || nullif(concat_ws(', ', VARIADIC ARRAY(SELECT jsonb_array_elements_text(evidence -> 'numbers'))), ''),
        CASE
            WHEN (evidence ->> 'days')::numeric < 1 THEN round((evidence ->> 'days')::numeric * 24, 1) || ' hours apart'
            ELSE round((evidence ->> 'days')::numeric, 1) || ' days apart'
        END,
        'score ' || round(score::numeric, 2))
    WHERE evidence IS NOT NULL
$$;
