-- All rare-earths coverage this month, by country, without syndicated copies, with the sentence that proves the tag.
-- A copy is left out because its original is there; a sentence of the text proves better than the title.
SELECT tag.country, tag.language, tag.level, tag.publisher, tag.title, tag.evidence, tag.url
FROM mart.article_topics AS tag
WHERE tag.topic = 'rare-earths' AND NOT tag.is_copy AND tag.day >= date_trunc('month', now())
ORDER BY tag.country, tag.score DESC;
