-- What became of what the feeds announced?
-- Every entry is an article, in work, or at a named end.
SELECT sighting.outcome, sighting.detail, count(*) AS entries
FROM mart.sightings AS sighting
GROUP BY sighting.outcome, sighting.detail
ORDER BY entries DESC;
