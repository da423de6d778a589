-- error: a page is archived, but gave neither an article nor a reason, and nobody works on it
SELECT address.address_id, address.url, address.page_id
FROM news.addresses AS address
WHERE address.page_id IS NOT NULL AND address.article_id IS NULL AND address.no_article IS NULL
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'extract' AND work.key = address.address_id)
    AND NOT EXISTS (
        SELECT FROM ops.dead_letters AS letter WHERE letter.stage = 'extract' AND letter.key = address.address_id);
