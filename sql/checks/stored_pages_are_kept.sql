-- error hourly: a fetch stored a page that is not in the index of the archive any more
SELECT fetched.fetch_id, fetched.at, fetched.address_id, fetched.page_id
FROM ops.fetches AS fetched
WHERE fetched.page_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM news.pages AS page WHERE page.page_id = fetched.page_id);
