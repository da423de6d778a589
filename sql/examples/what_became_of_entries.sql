-- What became of what the feeds announced?
-- Every entry of the last seven days is an article, in work, or at a named end.
SELECT sighting.outcome, sighting.detail, count(*) AS entries
FROM mart.sightings AS sighting
WHERE sighting.day > now()::date - 7
GROUP BY sighting.outcome, sighting.detail
ORDER BY entries DESC;
