-- How did the headline of an article change?
-- Each version with the title before it; only articles of the last 30 days whose title changed.
SELECT revision.url, revision.version, revision.seen_at, revision.title_before AS before, revision.title
FROM mart.revisions AS revision
WHERE revision.title_before IS NOT NULL AND revision.day > now()::date - 30
ORDER BY revision.seen_at DESC;
