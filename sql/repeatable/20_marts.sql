-- What analysts read: plain views with stable names, labels joined, one row a thing, copies marked.
-- The span that proves a tag best to a reader: the strongest in the text; a title proves, but says it without its context.
CREATE OR REPLACE FUNCTION mart.proof(evidence jsonb) RETURNS jsonb
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT items.item
    FROM jsonb_array_elements(evidence) WITH ORDINALITY AS items (item, place)
    ORDER BY items.item ->> 'zone' = 'title' OR (items.item ->> 'weight')::float = 0, items.place
    LIMIT 1
$$;

CREATE OR REPLACE VIEW mart.articles AS
SELECT article.article_id,
    article.url,
    version.title,
    version.language,
    publisher.name AS publisher,
    publisher.domain,
    publisher.country,
    article.published_at,
    article.first_seen_at,
    article.at,
    article.day,
    duplicate.original_id IS NOT NULL AS is_copy,
    original.url AS original_url,
    (SELECT count(*) FROM news.duplicates AS copy WHERE copy.original_id = article.article_id) AS copies,
    (SELECT count(*) FROM news.article_versions AS every WHERE every.article_id = article.article_id) AS versions,
    version.text_source,
    length(version.text) AS characters,
    version.text,
    told.story_id
FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
JOIN news.publishers AS publisher ON publisher.publisher_id = article.publisher_id
LEFT JOIN news.duplicates AS duplicate ON duplicate.article_id = article.article_id
LEFT JOIN news.articles AS original ON original.article_id = duplicate.original_id
LEFT JOIN LATERAL (
    SELECT member.story_id
    FROM news.story_versions AS made_by
    JOIN news.story_members AS member ON member.story_version = made_by.story_version
    WHERE made_by.state = 'current' AND member.article_id = coalesce(duplicate.original_id, article.article_id)
) AS told ON true;

CREATE OR REPLACE VIEW mart.article_topics AS
SELECT tag.article_id,
    topic.slug AS topic,
    topic.name AS topic_name,
    tag.level,
    tag.score,
    proof.item ->> 'sentence' AS evidence,
    proof.item ->> 'pattern' AS evidence_pattern,
    proof.item ->> 'zone' AS evidence_zone,
    jsonb_array_length(tag.evidence) AS evidence_count,
    article.url,
    article.title,
    article.language,
    article.publisher,
    article.country,
    article.at,
    article.day,
    article.is_copy,
    tag.valid_from AS tagged_at
FROM news.article_topics AS tag
JOIN news.topics AS topic USING (topic_id)
JOIN mart.articles AS article USING (article_id)
CROSS JOIN LATERAL (SELECT mart.proof(tag.evidence) AS item) AS proof;

CREATE OR REPLACE VIEW mart.duplicates AS
SELECT copy.article_id,
    copy.url,
    copy.title,
    copy.publisher,
    copy.country,
    copy.at,
    copy.day,
    duplicate.original_id,
    original.url AS original_url,
    original.title AS original_title,
    original.publisher AS original_publisher,
    duplicate.kind,
    duplicate.reason,
    round((extract(epoch FROM copy.at - original.at) / 3600)::numeric, 2) AS hours_after
FROM news.duplicates AS duplicate
JOIN mart.articles AS copy ON copy.article_id = duplicate.article_id
JOIN mart.articles AS original ON original.article_id = duplicate.original_id;

CREATE OR REPLACE VIEW mart.revisions AS
SELECT version.article_id,
    article.url,
    row_number() OVER (PARTITION BY version.article_id ORDER BY version.version_id) AS version,
    version.version_id = article.current_version_id AS is_current,
    version.title,
    length(version.text) AS characters,
    version.text_source,
    version.created_at AS seen_at,
    article.day
FROM news.article_versions AS version
JOIN news.articles AS article USING (article_id);

CREATE OR REPLACE VIEW mart.publishers AS
SELECT publisher.publisher_id,
    publisher.domain,
    publisher.name,
    publisher.name_from,
    publisher.country,
    publisher.country_from,
    publisher.languages,
    publisher.languages_from,
    publisher.kind,
    publisher.kind_from,
    (SELECT count(*) FROM news.feeds AS feed WHERE feed.publisher_id = publisher.publisher_id) AS feeds,
    (SELECT count(*) FROM news.articles AS article WHERE article.publisher_id = publisher.publisher_id) AS articles,
    publisher.created_at
FROM news.publishers AS publisher;

-- A feed's rate is read from the four weeks before the time it is compared with, with half an entry in two days beforehand, so
-- that a feed of three entries is not sure of anything. It is silent when its pause is half as long again as any in those weeks
-- (papers rest at weekends) and, at its rate, less likely than one in a thousand.
CREATE OR REPLACE VIEW mart.feed_health AS
WITH judged AS (
    SELECT feed.feed_id,
        news_of.entries,
        news_of.last_entry_at,
        recent.entries_7d,
        (recent.entries_28d + 0.5) / (recent.days_28d + 2) AS entries_a_day,
        recent.date_quality,
        recent.discovery_delay_s,
        polls.last_success_at,
        polls.failing_since,
        polls.bytes_28d,
        polls.bytes_saved_28d,
        CASE WHEN recent.before_7d > 0 OR feed.created_at < now() - interval '7 days'
            THEN (recent.before_7d + 0.5) / (recent.before_7d_days + 2) * 7 END AS expected_7d,
        exp(-(recent.entries_28d + 0.5) / (recent.days_28d + 2)
            * least(extract(epoch FROM now() - news_of.last_entry_at) / 86400, 365)::float) AS silence_probability,
        now() - news_of.last_entry_at > 1.5 * recent.longest_pause AS longest_silence
    FROM news.feeds AS feed
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries, max(least(entry.published_at, entry.first_seen_at)) AS last_entry_at
        FROM news.entries AS entry
        WHERE entry.feed_id = feed.feed_id
    ) AS news_of
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE item.at >= now() - interval '7 days') AS entries_7d,
            count(*) FILTER (WHERE item.at BETWEEN now() - interval '35 days' AND now() - interval '7 days') AS before_7d,
            coalesce(extract(epoch FROM now() - interval '7 days' - min(item.at)
                FILTER (WHERE item.at BETWEEN now() - interval '35 days' AND now() - interval '7 days')) / 86400, 0)
                AS before_7d_days,
            count(*) FILTER (WHERE item.at > news_of.last_entry_at - interval '28 days') AS entries_28d,
            coalesce(extract(epoch FROM news_of.last_entry_at - min(item.at)
                FILTER (WHERE item.at > news_of.last_entry_at - interval '28 days')) / 86400, 0) AS days_28d,
            coalesce(max(item.pause) FILTER (WHERE item.at > news_of.last_entry_at - interval '28 days'), interval '0')
                AS longest_pause,
            jsonb_build_object(
                'exact', count(*) FILTER (WHERE item.date_quality = 'exact'),
                'date_only', count(*) FILTER (WHERE item.date_quality = 'date_only'),
                'tz_assumed', count(*) FILTER (WHERE item.date_quality = 'tz_assumed'),
                'future_clamped', count(*) FILTER (WHERE item.date_quality = 'future_clamped'),
                'missing', count(*) FILTER (WHERE item.date_quality = 'missing'),
                'bad', count(*) FILTER (WHERE item.date_quality = 'bad')
            ) AS date_quality,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM item.first_seen_at - item.published_at))
                FILTER (WHERE item.date_quality = 'exact' AND item.published_at >= feed.created_at) AS discovery_delay_s
        FROM (
            SELECT dated.date_quality, dated.first_seen_at, dated.published_at, dated.at,
                dated.at - lag(dated.at) OVER (ORDER BY dated.at) AS pause
            FROM (
                SELECT entry.date_quality, entry.first_seen_at, entry.published_at,
                    least(entry.published_at, entry.first_seen_at) AS at
                FROM news.entries AS entry
                WHERE entry.feed_id = feed.feed_id
                    AND entry.first_seen_at > least(news_of.last_entry_at, now() - interval '7 days') - interval '28 days'
            ) AS dated
            WHERE dated.at > least(news_of.last_entry_at, now() - interval '7 days') - interval '28 days'
        ) AS item
    ) AS recent
    CROSS JOIN LATERAL (
        SELECT success.at AS last_success_at,
            (SELECT min(poll.at) FROM ops.polls AS poll
             WHERE poll.feed_id = feed.feed_id AND feed.failures > 0
                AND poll.at > coalesce(success.at, '-infinity')) AS failing_since,
            (SELECT coalesce(sum(poll.wire_bytes), 0) FROM ops.polls AS poll
             WHERE poll.feed_id = feed.feed_id AND poll.at > now() - interval '28 days') AS bytes_28d,
            (SELECT greatest(coalesce(count(*) FILTER (WHERE poll.status = 304)
                    * avg(poll.wire_bytes) FILTER (WHERE poll.status = 200)
                    - sum(poll.wire_bytes) FILTER (WHERE poll.status = 304), 0), 0)::bigint
             FROM ops.polls AS poll
             WHERE poll.feed_id = feed.feed_id AND poll.at > now() - interval '28 days') AS bytes_saved_28d
        FROM (
            SELECT max(poll.at) AS at FROM ops.polls AS poll
            WHERE poll.feed_id = feed.feed_id AND poll.outcome IN ('changed', 'unchanged')
        ) AS success
    ) AS polls
)
SELECT feed.feed_id,
    feed.url,
    feed.title,
    publisher.name AS publisher,
    feed.groups,
    feed.tags,
    feed.owner,
    feed.note,
    feed.format,
    feed.paused,
    stated.state,
    CASE stated.state
        WHEN 'failing' THEN concat_ws(': ', news.in_words(feed.last_outcome), feed.last_detail)
        WHEN 'silent' THEN format('it answers, but nothing new has come for %s days; %s a week are usual',
            round((extract(epoch FROM now() - judged.last_entry_at) / 86400)::numeric, 1),
            round((judged.entries_a_day * 7)::numeric, 1))
        WHEN 'paused' THEN 'it is paused; `newswire feeds resume` has it polled again'
        WHEN 'new' THEN 'it has not been polled yet'
    END AS why,
    feed.last_outcome,
    feed.last_detail,
    feed.failures,
    judged.failing_since,
    judged.last_success_at,
    feed.interval_s,
    feed.last_polled_at,
    feed.last_changed_at,
    nullif(due.due_at, 'infinity') AS next_poll_at,
    judged.entries,
    judged.last_entry_at,
    judged.entries_7d,
    round(judged.expected_7d::numeric, 1)::float AS expected_7d,
    judged.silence_probability,
    judged.date_quality,
    round(judged.discovery_delay_s::numeric, 1)::float AS discovery_delay_s,
    judged.bytes_28d,
    judged.bytes_saved_28d
FROM news.feeds AS feed
JOIN judged USING (feed_id)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN feed.paused THEN 'paused'
        WHEN feed.last_polled_at IS NULL THEN 'new'
        WHEN feed.failures > 0 THEN 'failing'
        WHEN judged.longest_silence AND judged.silence_probability < 0.001 THEN 'silent'
        ELSE 'good'
    END AS state
) AS stated
JOIN news.publishers AS publisher USING (publisher_id)
LEFT JOIN ops.work AS due ON due.stage = 'poll' AND due.key = feed.feed_id;

CREATE OR REPLACE VIEW mart.sightings AS
SELECT entry.entry_id,
    entry.first_seen_at,
    feed.url AS feed_url,
    publisher.name AS publisher,
    entry.title,
    address.url AS link,
    CASE
        WHEN address.address_id IS NULL THEN 'no_link'
        WHEN EXISTS (SELECT FROM ops.work AS work
                     WHERE work.stage IN ('fetch', 'extract') AND work.key = address.address_id) THEN 'in_work'
        WHEN address.article_id IS NOT NULL THEN 'article'
        WHEN address.no_article IS NOT NULL THEN 'no_article'
        ELSE coalesce(address.fetch_outcome, 'unknown')
    END AS outcome,
    coalesce(address.no_article, address.fetch_detail) AS detail,
    address.article_id
FROM news.entries AS entry
JOIN news.feeds AS feed USING (feed_id)
JOIN news.publishers AS publisher USING (publisher_id)
LEFT JOIN news.addresses AS address USING (address_id);

CREATE OR REPLACE VIEW mart.dead_letters AS
SELECT letter.stage,
    letter.key,
    letter.cause,
    letter.detail,
    letter.attempts,
    letter.first_at,
    letter.last_at,
    CASE letter.stage
        WHEN 'poll' THEN (SELECT feed.url FROM news.feeds AS feed WHERE feed.feed_id = letter.key)
        WHEN 'fetch' THEN (SELECT address.url FROM news.addresses AS address WHERE address.address_id = letter.key)
        WHEN 'extract' THEN (SELECT address.url FROM news.addresses AS address WHERE address.address_id = letter.key)
        WHEN 'publish' THEN letter.key::text
        ELSE (SELECT article.url FROM mart.articles AS article WHERE article.article_id = letter.key)
    END AS subject
FROM ops.dead_letters AS letter;

-- Only what was published since its feed was subscribed to: how long ago a backlog was published says nothing of us.
CREATE OR REPLACE VIEW mart.delays AS
SELECT article.article_id,
    article.url,
    article.day,
    extract(epoch FROM first_entry.first_seen_at - coalesce(first_entry.published_at, article.published_at)) AS poll_s,
    extract(epoch FROM first_page.fetched_at - first_entry.first_seen_at) AS fetch_s,
    extract(epoch FROM article.created_at - first_page.fetched_at) AS extract_s,
    extract(epoch FROM tagging.first_tagged_at - article.created_at) AS tag_s,
    extract(epoch FROM tagging.first_tagged_at - coalesce(first_entry.published_at, article.published_at)) AS total_s
FROM news.articles AS article
JOIN LATERAL (
    SELECT entry.first_seen_at, entry.published_at, feed.created_at AS subscribed_at
    FROM news.entries AS entry
    JOIN news.feeds AS feed ON feed.feed_id = entry.feed_id
    JOIN news.addresses AS seen ON seen.address_id = entry.address_id
    WHERE seen.article_id = article.article_id
    ORDER BY entry.first_seen_at, entry.entry_id
    LIMIT 1
) AS first_entry ON true
LEFT JOIN LATERAL (
    SELECT page.fetched_at
    FROM news.pages AS page
    JOIN news.addresses AS seen ON seen.address_id = page.address_id
    WHERE seen.article_id = article.article_id
    ORDER BY page.fetched_at
    LIMIT 1
) AS first_page ON true
LEFT JOIN news.article_taggings AS tagging ON tagging.article_id = article.article_id
WHERE coalesce(first_entry.published_at, article.published_at) >= first_entry.subscribed_at;

CREATE OR REPLACE VIEW mart.queues AS
SELECT stage.stage,
    count(work.key) FILTER (WHERE work.due_at <= now() AND work.leased_until IS NULL) AS due,
    count(work.key) FILTER (WHERE work.leased_until >= now()) AS leased,
    count(work.key) FILTER (WHERE work.due_at > now() AND work.leased_until IS NULL) AS waiting,
    coalesce(extract(epoch FROM now() - min(work.due_at) FILTER (WHERE work.due_at <= now() AND work.leased_until IS NULL)), 0)
        AS oldest_due_s,
    (SELECT count(*) FROM ops.dead_letters AS letter WHERE letter.stage = stage.stage) AS dead
FROM unnest(ARRAY['poll', 'fetch', 'extract', 'group', 'tag', 'publish']) WITH ORDINALITY AS stage (stage, place)
LEFT JOIN ops.work AS work ON work.stage = stage.stage
GROUP BY stage.stage, stage.place
ORDER BY stage.place;
