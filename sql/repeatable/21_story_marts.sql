-- Stories as analysts read them: one row a story, one row an article of a story with its proof in words.
CREATE OR REPLACE VIEW mart.story_articles AS
SELECT placed.story_id,
    placed.article_id,
    article.url,
    version.title,
    version.language,
    publisher.name AS publisher,
    publisher.domain,
    publisher.country,
    article.at,
    article.day,
    placed.article_id = placed.story_id AS is_representative,
    placed.is_copy,
    placed.score,
    CASE
        WHEN placed.is_copy THEN 'a copy of ' || original.url
        WHEN placed.score IS NULL THEN 'the first report'
        ELSE mart.story_proof(placed.evidence, placed.score)
    END AS evidence
FROM news.article_stories AS placed
JOIN news.articles AS article ON article.article_id = placed.article_id
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
JOIN news.publishers AS publisher ON publisher.publisher_id = article.publisher_id
LEFT JOIN news.copies AS duplicate ON duplicate.article_id = placed.article_id
LEFT JOIN news.articles AS original ON original.article_id = duplicate.original_id;

CREATE OR REPLACE VIEW mart.stories AS
SELECT story.story_id,
    version.title,
    first_report.url,
    told.articles,
    told.originals,
    told.sources,
    told.publishers,
    told.languages,
    told.countries,
    told.topics,
    told.first_at,
    told.last_at,
    first_report.day,
    now() > story.at + interval '7 days' AS is_closed,
    story.story_version
FROM news.stories AS story
JOIN news.story_versions AS made_by ON made_by.story_version = story.story_version AND made_by.state = 'current'
JOIN news.articles AS first_report ON first_report.article_id = story.story_id
JOIN news.article_versions AS version ON version.version_id = first_report.current_version_id
CROSS JOIN LATERAL (
    SELECT count(DISTINCT article.article_id) AS articles,
        count(DISTINCT article.article_id) FILTER (WHERE article.article_id = part.article_id) AS originals,
        count(DISTINCT article.publisher_id) AS sources,
        array_agg(DISTINCT coalesce(publisher.name, publisher.domain)) AS publishers,
        array_agg(DISTINCT text.language) AS languages,
        coalesce(array_agg(DISTINCT publisher.country) FILTER (WHERE publisher.country IS NOT NULL), '{}') AS countries,
        coalesce(array_agg(DISTINCT topic.slug) FILTER (WHERE topic.slug IS NOT NULL), '{}') AS topics,
        min(article.at) AS first_at,
        max(article.at) AS last_at
    FROM news.story_members AS part
    CROSS JOIN LATERAL (
        SELECT part.article_id
        UNION ALL
        SELECT copy.article_id FROM news.copies AS copy WHERE copy.original_id = part.article_id
    ) AS every
    JOIN news.articles AS article ON article.article_id = every.article_id
    JOIN news.article_versions AS text ON text.version_id = article.current_version_id
    JOIN news.publishers AS publisher ON publisher.publisher_id = article.publisher_id
    -- OFFSET: looked up by article. Joined, the two halves of the view would be read whole for every story.
    LEFT JOIN LATERAL (
        SELECT judged.topic_id FROM mart.judged_tags AS judged WHERE judged.article_id = article.article_id OFFSET 0
    ) AS tag ON true
    LEFT JOIN news.topics AS topic ON topic.topic_id = tag.topic_id
    WHERE part.story_version = story.story_version AND part.story_id = story.story_id
) AS told;

CREATE OR REPLACE VIEW mart.story_aliases AS
SELECT alias.alias_id,
    placed.story_id,
    alias.since
FROM news.story_aliases AS alias
JOIN news.story_versions AS version ON version.story_version = alias.story_version AND version.state = 'current'
JOIN news.article_stories AS placed ON placed.article_id = alias.alias_id
WHERE placed.story_id <> alias.alias_id;
