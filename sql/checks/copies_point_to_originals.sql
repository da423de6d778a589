-- error: a copy points to an article that is itself a copy
SELECT copy.article_id, copy.original_id, copy.signature
FROM news.duplicates AS copy
JOIN news.duplicates AS original ON original.article_id = copy.original_id AND original.signature = copy.signature;
