-- warning: an article that was grouped is in no story, or in one that is none; nobody works on it
SELECT article.article_id, member.story_id
FROM news.articles AS article
JOIN news.fingerprints AS fingerprint ON fingerprint.version_id = article.current_version_id
JOIN news.story_versions AS version ON version.state = 'current'
LEFT JOIN news.duplicates AS copy ON copy.article_id = article.article_id
LEFT JOIN news.story_members AS member
    ON member.story_version = version.story_version AND member.article_id = coalesce(copy.original_id, article.article_id)
LEFT JOIN news.story_members AS leader
    ON leader.story_version = version.story_version AND leader.article_id = member.story_id
    AND leader.story_id = leader.article_id
WHERE leader.article_id IS NULL
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'group' AND work.key = article.article_id);
