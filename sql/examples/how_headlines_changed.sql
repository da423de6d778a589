-- How did the headline of an article change?
-- Each version with the title before it; only articles whose title changed.
SELECT revision.url, revision.version, revision.seen_at, revision.before, revision.title
FROM (
    SELECT version.url, version.version, version.seen_at, version.title,
        lag(version.title) OVER (PARTITION BY version.article_id ORDER BY version.version) AS before
    FROM mart.revisions AS version
) AS revision
WHERE revision.before IS DISTINCT FROM revision.title AND revision.before IS NOT NULL
ORDER BY revision.seen_at DESC;
