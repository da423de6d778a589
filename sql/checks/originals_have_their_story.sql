-- warning: an article that was grouped is in no story, or in one that is none; nobody works on it
SELECT article.article_id, member.story_id
FROM news.articles AS article
JOIN ops.copy_rule AS rule ON true
JOIN news.text_keys AS known
    ON known.article_id = article.article_id AND known.version_id = article.current_version_id
    AND known.signature = rule.in_force
JOIN news.story_versions AS version ON version.state = 'current'
LEFT JOIN news.copies AS copy ON copy.article_id = article.article_id
LEFT JOIN news.story_members AS member
    ON member.story_version = version.story_version AND member.article_id = coalesce(copy.original_id, article.article_id)
LEFT JOIN news.story_members AS leader
    ON leader.story_version = version.story_version AND leader.article_id = member.story_id
    AND leader.story_id = leader.article_id
WHERE leader.article_id IS NULL
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'group' AND work.key = article.article_id);
