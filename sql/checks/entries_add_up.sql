-- error: an entry is neither an article, nor in work, nor at a known end
SELECT sighting.entry_id, sighting.feed_url, sighting.link, sighting.outcome
FROM mart.sightings AS sighting
WHERE sighting.outcome = 'unknown'
    AND NOT EXISTS (
        SELECT FROM ops.dead_letters AS letter
        JOIN news.entries AS entry ON entry.entry_id = sighting.entry_id
        WHERE letter.stage IN ('fetch', 'extract') AND letter.key = entry.address_id);
