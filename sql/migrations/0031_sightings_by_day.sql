-- Sightings of some days are read without reading all entries.
CREATE INDEX entries_seen_day ON news.entries (((first_seen_at AT TIME ZONE 'UTC')::date));
