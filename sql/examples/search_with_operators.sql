-- Which articles say "export controls" or licence, but nothing of chips?
-- Words, "phrases", -without, begin*, OR; in every language in its own forms.
SELECT hit.at, hit.language, hit.publisher, hit.title, hit.headline, hit.url
FROM mart.search_articles('"export controls" OR licen* -chips', languages => ARRAY['en'], max_rows => 100) AS hit
ORDER BY hit.score DESC;
