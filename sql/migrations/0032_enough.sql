-- A list of earlier neighbours that is full says what one must share to be on it, so that it is asked again only when that matters.
ALTER TABLE news.story_features ADD COLUMN enough smallint;
