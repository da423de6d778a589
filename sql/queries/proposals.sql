-- name: sites -> SiteToLook
-- Publishers in whose news we see that a feed is missing, not looked at for a month: a feed of theirs is in trouble, or has
-- moved elsewhere, or their articles come only through the feeds of others. Trouble first, then what brings most.
WITH own AS (
    SELECT feed.publisher_id
    FROM news.feeds AS feed
    GROUP BY feed.publisher_id
), brought AS (
    SELECT article.publisher_id, count(*) AS articles,
        (array_agg(substring(article.url FROM '^https?://[^/]+') ORDER BY article.article_id DESC))[1] AS root
    FROM news.articles AS article
    WHERE article.day > current_date - 30
    GROUP BY article.publisher_id
), wanting AS (
    SELECT feed.publisher_id, 0 AS place, 0 AS articles,
        'its feed ' || health.url || CASE health.state
            WHEN 'failing' THEN ' has failed since ' || to_char(health.failing_since, 'YYYY-MM-DD')
            ELSE ' has fallen silent' END AS reason,
        feed.url
    FROM mart.feed_health AS health
    JOIN news.feeds AS feed USING (feed_id)
    WHERE 'trouble' = ANY (%(kinds)s::text[])
        AND (health.state = 'silent' OR (health.state = 'failing'
            AND (health.last_outcome = 'gone' OR health.failing_since < now() - interval '7 days')))
    UNION ALL
    SELECT feed.publisher_id, 1, 0, 'its feed moved to ' || feed.url, feed.url
    FROM news.feed_url_history AS move
    JOIN news.feeds AS feed ON feed.feed_id = move.feed_id AND feed.url = move.url
    WHERE 'moved' = ANY (%(kinds)s::text[]) AND move.adopted_at > now() - interval '30 days' AND feed.removed_at IS NULL
    UNION ALL
    SELECT brought.publisher_id, 2, brought.articles,
        brought.articles || ' of its articles of the last 30 days came through feeds of others', NULL
    FROM brought
    WHERE 'without' = ANY (%(kinds)s::text[]) AND brought.articles >= %(least_articles)s::integer
        AND brought.publisher_id NOT IN (SELECT own.publisher_id FROM own)
), sites AS (
    SELECT DISTINCT ON (wanting.publisher_id) wanting.publisher_id, wanting.place, wanting.articles, wanting.reason,
        coalesce(brought.root, substring(wanting.url FROM '^https?://') || publisher.domain) || '/' AS url, publisher.domain
    FROM wanting
    JOIN news.publishers AS publisher USING (publisher_id)
    LEFT JOIN brought USING (publisher_id)
    ORDER BY wanting.publisher_id, wanting.place, wanting.reason
)
SELECT sites.domain, sites.url, sites.reason
FROM sites
WHERE NOT EXISTS (
    SELECT FROM news.site_looks AS look WHERE look.domain = sites.domain AND look.looked_at > now() - interval '30 days')
ORDER BY sites.place, sites.articles DESC, sites.domain
LIMIT %(most)s::integer;

-- name: forget_run
-- What an earlier try of the same run noted: it died before anybody was asked.
WITH asked AS (
    DELETE FROM news.feed_proposals AS proposal
    WHERE proposal.asked_in = %(run)s::text AND proposal.outcome IS NULL
)
DELETE FROM news.site_looks AS look
WHERE look.asked_in = %(run)s::text;

-- name: lapse
-- Nobody answered: the question is gone by now, and the feed may be proposed again.
UPDATE news.feed_proposals AS proposal
SET outcome = 'lapsed', decided_at = now(), samples = '{}'
WHERE proposal.outcome IS NULL AND proposal.proposed_at < now() - %(after)s::interval;

-- name: record_look
-- When a site was looked at, and what that came to.
INSERT INTO news.site_looks AS look (domain, url, reason, asked_in, feeds, proposed, problem)
VALUES (%(domain)s::text, %(url)s::text, %(reason)s::text, %(run)s::text, %(feeds)s::integer, %(proposed)s::integer,
    %(problem)s::text)
ON CONFLICT (domain) DO UPDATE
SET url = excluded.url, reason = excluded.reason, asked_in = excluded.asked_in, looked_at = excluded.looked_at,
    feeds = excluded.feeds, proposed = excluded.proposed, problem = excluded.problem;

-- name: open_new -> OpenedProposal
-- Propose these feeds of a site, but none that somebody ever subscribed to, none that waits already, and none that was
-- rejected as it is now, unless `again`.
INSERT INTO news.feed_proposals (
    feed_key, url, domain, reason, found, format, title, language, items, newest_at, items_a_day, own_links, topics,
    samples, offer_sha256, asked_in
)
SELECT offered.feed_key, offered.url, %(domain)s::text, %(reason)s::text, offered.found, offered.format, offered.title,
    offered.language, offered.items, offered.newest_at, offered.items_a_day, offered.own_links,
    ARRAY(SELECT jsonb_array_elements_text(offered.topics)), ARRAY(SELECT jsonb_array_elements_text(offered.samples)),
    offered.offer_sha256, %(run)s::text
FROM unnest(
    %(feed_keys)s::bytea[], %(urls)s::text[], %(founds)s::text[], %(formats)s::text[], %(titles)s::text[],
    %(languages)s::text[], %(items)s::integer[], %(newest_ats)s::timestamptz[], %(items_a_days)s::float[],
    %(own_links)s::float[], %(topics)s::jsonb[], %(samples)s::jsonb[], %(offer_sha256s)s::bytea[]
) WITH ORDINALITY AS offered (
    feed_key, url, found, format, title, language, items, newest_at, items_a_day, own_links, topics, samples, offer_sha256,
    place
)
WHERE NOT EXISTS (SELECT FROM news.feeds AS feed WHERE feed.feed_key = ops.stands_for(offered.feed_key))
    AND (%(again)s::boolean OR NOT EXISTS (
        SELECT FROM news.feed_proposals AS refused
        WHERE refused.feed_key = offered.feed_key AND refused.outcome = 'rejected'
            AND refused.offer_sha256 = offered.offer_sha256))
ORDER BY offered.place
ON CONFLICT (feed_key) WHERE outcome IS NULL DO NOTHING
RETURNING proposal_id, url;

-- name: decide
-- What a person said of proposals; of those that are decided already, nothing. Headlines have served then, and are not kept.
UPDATE news.feed_proposals AS proposal
SET outcome = CASE
        WHEN proposal.url = ANY (%(chosen)s::text[]) THEN 'subscribed'
        WHEN %(decided_by)s::text IS NULL THEN 'lapsed'
        ELSE 'rejected' END,
    decided_at = now(),
    samples = '{}',
    decided_by = %(decided_by)s::text,
    note = %(note)s::text
WHERE proposal.proposal_id = ANY (%(proposal_ids)s::bigint[]) AND proposal.outcome IS NULL;
