-- What do Ukrainian and Russian texts on the negotiations say of a ceasefire?
-- The search knows the forms of each language; the topic narrows it.
SELECT hit.at, hit.language, hit.publisher, hit.title, hit.headline, hit.url
FROM mart.search_articles(
    'перемир* OR вогню OR огня', languages => ARRAY['uk', 'ru'], topics => ARRAY['ukraine-negotiations'], originals_only => true
) AS hit
ORDER BY hit.at DESC;
