-- Which articles are about rare earths and the Ukraine negotiations at once?
-- Both tags at their core, each with its proof, in the last 90 days.
SELECT earths.at, earths.language, earths.publisher, earths.title, earths.evidence AS rare_earths_because,
    talks.evidence AS negotiations_because, earths.url
FROM mart.article_topics AS earths
JOIN mart.article_topics AS talks USING (article_id)
WHERE earths.topic = 'rare-earths' AND talks.topic = 'ukraine-negotiations' AND earths.level = 'core' AND talks.level = 'core'
    AND earths.day > now()::date - 90 AND talks.day > now()::date - 90
ORDER BY earths.at DESC;
