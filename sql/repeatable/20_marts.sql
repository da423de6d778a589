-- What analysts read: plain views with stable names, labels joined, one row a thing, copies marked.
--
-- Whether something is not there is asked so that the planner sees an anti-join (NOT EXISTS, or the joined column IS NULL): any
-- other test of an outer join's column is estimated as if no row were without a partner, and the plans that follow from one row
-- instead of a hundred thousand take minutes. And the planner looks for an order of at most eight joined tables: so views join few,
-- what is rarely asked for is a subquery of its column, and a view over articles joins their tables, not mart.articles.
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
    copy.article_id IS NOT NULL AS is_copy,
    coalesce(copy.original_id, article.article_id) AS original_id,
    (SELECT original.url FROM news.articles AS original WHERE original.article_id = copy.original_id) AS original_url,
    (SELECT count(*) FROM news.copies AS other WHERE other.original_id = article.article_id) AS copies,
    (SELECT count(DISTINCT member.publisher_id)
     FROM (
        SELECT other.article_id
        FROM news.copies AS other
        WHERE other.original_id = coalesce(copy.original_id, article.article_id)
        UNION ALL
        SELECT coalesce(copy.original_id, article.article_id)
     ) AS same
     JOIN news.articles AS member ON member.article_id = same.article_id) AS sources,
    (SELECT count(*) FROM news.article_versions AS every WHERE every.article_id = article.article_id) AS versions,
    version.text_source,
    length(version.text) AS characters,
    version.text,
    (SELECT asked.gone_since
     FROM news.pages AS page
     JOIN news.addresses AS asked ON asked.address_id = page.address_id
     WHERE page.page_id = version.page_id) AS gone_since,
    article.seen_by,
    version.kind,
    version.score,
    version.flags,
    version.standfirst,
    version.authors,
    version.section,
    version.image_url,
    version.is_free,
    version.syndicated_from,
    version.language_confidence,
    article.published_source,
    article.published_precision,
    version.modified_at,
    (SELECT member.story_id
     FROM news.story_versions AS made_by
     JOIN news.story_members AS member ON member.story_version = made_by.story_version
     WHERE made_by.state = 'current' AND member.article_id = coalesce(copy.original_id, article.article_id)) AS story_id
FROM news.articles AS article
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
JOIN news.publishers AS publisher ON publisher.publisher_id = article.publisher_id
LEFT JOIN news.duplicates AS copy
    ON copy.article_id = article.article_id AND copy.signature = (SELECT rule.in_force FROM ops.copy_rule AS rule);

-- The family of topics follows their parents. UNION forgets pairs it has seen, so a circle of parents ends too.
CREATE OR REPLACE FUNCTION news.renew_topic_family() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    DELETE FROM news.topic_family;
    INSERT INTO news.topic_family (topic_id, ancestor_id)
    WITH RECURSIVE family (topic_id, ancestor_id) AS (
        SELECT topic.topic_id, topic.topic_id FROM news.topics AS topic
        UNION
        SELECT family.topic_id, parent.topic_id
        FROM family
        JOIN news.topics AS child ON child.topic_id = family.ancestor_id
        JOIN news.topics AS parent ON parent.slug = child.parent
    )
    SELECT family.topic_id, family.ancestor_id FROM family
    ON CONFLICT DO NOTHING;  -- two files offered at once
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER renew_topic_family AFTER INSERT OR DELETE OR UPDATE OF slug, parent ON news.topics
FOR EACH STATEMENT EXECUTE FUNCTION news.renew_topic_family();
UPDATE news.topics SET parent = parent WHERE false;  -- topics that were there before

CREATE OR REPLACE VIEW mart.topic_ancestors AS
SELECT topic.slug AS topic, ancestor.slug AS ancestor
FROM news.topic_family AS family
JOIN news.topics AS topic ON topic.topic_id = family.topic_id
JOIN news.topics AS ancestor ON ancestor.topic_id = family.ancestor_id;

-- Tags as they stand once people have been heard: a person's no hides a tag, a yes adds one that no rule has found.
CREATE OR REPLACE VIEW mart.judged_tags AS
SELECT tag.article_id, tag.topic_id, tag.topic_version_id, tag.level, tag.score, tag.evidence, tag.valid_from, yes.said_by
FROM news.article_topics AS tag
LEFT JOIN news.topic_overrides AS yes
    ON yes.article_id = tag.article_id AND yes.topic_id = tag.topic_id AND yes.valid_to IS NULL AND yes.applies
WHERE NOT EXISTS (
    SELECT FROM news.topic_overrides AS no
    WHERE no.article_id = tag.article_id AND no.topic_id = tag.topic_id AND no.valid_to IS NULL AND NOT no.applies)
UNION ALL
SELECT said.article_id, said.topic_id, NULL, 'core', 0, '[]'::jsonb, said.valid_from, said.said_by
FROM news.topic_overrides AS said
WHERE said.applies AND said.valid_to IS NULL
    AND NOT EXISTS (
        SELECT FROM news.article_topics AS tag WHERE tag.article_id = said.article_id AND tag.topic_id = said.topic_id);

-- A tag implies those of the wider topics: by the strongest of the narrower ones, unless a person says no. An article's own tag
-- comes first, and is core if a narrower one is. What people filter by (day, topic, article) is what rows are grouped by, so that
-- the filter reaches the indexes, whatever the statistics say; the evidence joins late, so that it is never sorted.
CREATE OR REPLACE VIEW mart.article_topics AS
SELECT tag.article_id,
    tag.topic,
    tag.topic_name,
    tag.level,
    tag.score,
    proof.item ->> 'sentence' AS evidence,
    proof.item ->> 'pattern' AS evidence_pattern,
    proof.item ->> 'zone' AS evidence_zone,
    coalesce(jsonb_array_length(found.evidence), 0) AS evidence_count,
    article.url,
    version.title,
    version.language,
    publisher.name AS publisher,
    publisher.country,
    article.at,
    tag.day,
    copy.article_id IS NOT NULL AS is_copy,
    tag.valid_from AS tagged_at,
    tag.implied_by,
    tag.said_by
FROM (
    SELECT DISTINCT ON (dated.day, own.article_id, topic.slug)
        dated.day,
        own.article_id,
        topic.slug AS topic,
        topic.name AS topic_name,
        own.topic_id AS found_topic_id,
        CASE WHEN bool_or(own.level = 'core') OVER (PARTITION BY dated.day, own.article_id, topic.slug) THEN 'core' ELSE 'mention' END AS level,
        own.score,
        own.valid_from,
        own.said_by,
        CASE WHEN own.topic_id <> topic.topic_id THEN found.slug END AS implied_by
    FROM news.topics AS topic
    JOIN news.topic_family AS family ON family.ancestor_id = topic.topic_id
    JOIN mart.judged_tags AS own ON own.topic_id = family.topic_id
    JOIN news.topics AS found ON found.topic_id = own.topic_id
    JOIN news.articles AS dated ON dated.article_id = own.article_id
    WHERE NOT EXISTS (
        SELECT FROM news.topic_overrides AS no
        WHERE no.article_id = own.article_id AND no.topic_id = topic.topic_id AND no.valid_to IS NULL AND NOT no.applies)
    ORDER BY dated.day, own.article_id, topic.slug, own.topic_id = topic.topic_id DESC, own.level = 'core' DESC, own.score DESC,
        own.topic_id DESC
) AS tag
JOIN news.articles AS article ON article.article_id = tag.article_id
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
JOIN news.publishers AS publisher ON publisher.publisher_id = article.publisher_id
LEFT JOIN news.duplicates AS copy
    ON copy.article_id = tag.article_id AND copy.signature = (SELECT rule.in_force FROM ops.copy_rule AS rule)
LEFT JOIN news.article_topics AS found ON found.article_id = tag.article_id AND found.topic_id = tag.found_topic_id
LEFT JOIN LATERAL (SELECT mart.proof(found.evidence) AS item) AS proof ON true;

-- Evidence row by row. Offsets are characters of the title or of the text, as the zone says, counted from 0.
CREATE OR REPLACE VIEW mart.topic_why AS
SELECT tag.article_id,
    topic.slug AS topic,
    tag.level,
    span.place::integer AS place,
    span.item ->> 'group' AS pattern_group,
    span.item ->> 'pattern' AS pattern,
    span.item ->> 'zone' AS zone,
    (span.item ->> 'start')::integer AS start_offset,
    (span.item ->> 'end')::integer AS end_offset,
    substr(CASE WHEN span.item ->> 'zone' = 'title' THEN version.title ELSE version.text END,
        (span.item ->> 'start')::integer + 1,
        (span.item ->> 'end')::integer - (span.item ->> 'start')::integer) AS words,
    (span.item ->> 'weight')::real AS weight,
    span.item ->> 'sentence' AS sentence,
    article.url,
    version.title,
    version.language,
    article.day,
    tag.topic_version_id
FROM news.article_topics AS tag
JOIN news.topics AS topic USING (topic_id)
JOIN news.articles AS article USING (article_id)
JOIN news.article_versions AS version ON version.version_id = tag.version_id
CROSS JOIN LATERAL jsonb_array_elements(tag.evidence) WITH ORDINALITY AS span (item, place);

-- Every tag that an article has or had by the rules; those of one moment: valid_from <= t AND coalesce(valid_to, 'infinity') > t.
CREATE OR REPLACE VIEW mart.topic_history AS
SELECT every_tag.article_id,
    topic.slug AS topic,
    every_tag.level,
    every_tag.score,
    every_tag.topic_version_id,
    every_tag.valid_from,
    every_tag.valid_to,
    article.url,
    article.day
FROM (
    SELECT tag.article_id, tag.topic_id, tag.topic_version_id, tag.level, tag.score, tag.valid_from, NULL AS valid_to
    FROM news.article_topics AS tag
    UNION ALL
    SELECT past.article_id, past.topic_id, past.topic_version_id, past.level, past.score, past.valid_from, past.valid_to
    FROM news.article_topic_history AS past
) AS every_tag
JOIN news.topics AS topic USING (topic_id)
JOIN news.articles AS article USING (article_id);

CREATE OR REPLACE VIEW mart.topic_releases AS
SELECT release.release_id,
    topic.slug AS topic,
    coalesce(release.outcome, CASE WHEN release.from_version_id IS NULL THEN 'new' ELSE 'waiting' END) AS outcome,
    release.from_version_id,
    release.to_version_id,
    release.tags_before,
    changed.added,
    changed.removed,
    changed.moved,
    changed.reproved,
    ((changed.added + changed.removed + changed.moved)::real / nullif(release.tags_before, 0))::real AS share,
    release.approve_above,
    release.proposed_at,
    release.decided_at,
    release.decided_by,
    release.note
FROM news.topic_releases AS release
JOIN news.topics AS topic USING (topic_id)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE change.level_before IS NULL) AS added,
        count(*) FILTER (WHERE change.level_after IS NULL) AS removed,
        count(*) FILTER (WHERE change.level_before <> change.level_after) AS moved,
        count(*) FILTER (WHERE change.level_before = change.level_after) AS reproved
    FROM news.topic_release_changes AS change
    WHERE change.release_id = release.release_id
) AS changed;

CREATE OR REPLACE VIEW mart.duplicates AS
SELECT copy.article_id,
    article.url,
    version.title,
    publisher.name AS publisher,
    publisher.country,
    article.at,
    article.day,
    copy.original_id,
    original.url AS original_url,
    original_version.title AS original_title,
    original_publisher.name AS original_publisher,
    CASE copy.kind
        WHEN 'exact' THEN 'same text'
        WHEN 'near' THEN 'nearly the same text'
        WHEN 'contained' THEN CASE WHEN known.words < via.words THEN 'a part of the other' ELSE 'the other with more' END
    END AS kind,
    known.agency IS NOT NULL OR version.syndicated_from IS NOT NULL AS is_syndicated,
    known.agency,
    round(copy.containment::numeric, 2)::float AS text_share,
    round(copy.title_share::numeric, 2)::float AS title_share,
    copy.numbers,
    copy.numbers_alike,
    round((extract(epoch FROM article.at - original.at) / 3600)::numeric, 2) AS hours_after,
    nullif(copy.via_id, copy.original_id) AS via_id,
    copy.reason,
    copy.first_reason,
    version.syndicated_from,
    mart.syndication(version.syndicated_from, known.agency) AS syndication
FROM news.duplicates AS copy
JOIN news.articles AS article ON article.article_id = copy.article_id
JOIN news.article_versions AS version ON version.version_id = article.current_version_id
JOIN news.publishers AS publisher ON publisher.publisher_id = article.publisher_id
JOIN news.articles AS original ON original.article_id = copy.original_id
JOIN news.article_versions AS original_version ON original_version.version_id = original.current_version_id
JOIN news.publishers AS original_publisher ON original_publisher.publisher_id = original.publisher_id
LEFT JOIN news.text_keys AS known ON known.article_id = copy.article_id AND known.signature = copy.signature
LEFT JOIN news.text_keys AS via ON via.article_id = copy.via_id AND via.signature = copy.signature
WHERE copy.signature = (SELECT rule.in_force FROM ops.copy_rule AS rule);

-- The paragraphs of a text that another does not have, in their order.
CREATE OR REPLACE FUNCTION mart.paragraphs_only_in(text text, other text) RETURNS text[]
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT coalesce(array_agg(mine.paragraph ORDER BY mine.place), '{}')
    FROM string_to_table(text, E'\n') WITH ORDINALITY AS mine (paragraph, place)
    WHERE mine.paragraph NOT IN (SELECT string_to_table(other, E'\n'))
$$;

CREATE OR REPLACE VIEW mart.revisions AS
WITH versions AS (
    SELECT version.*,
        article.url,
        article.day,
        article.current_version_id,
        row_number() OVER article_versions AS number,
        lag(version.title) OVER article_versions AS title_before,
        lag(version.text) OVER article_versions AS text_before,
        lag(version.page_id) OVER article_versions AS page_before
    FROM news.article_versions AS version
    JOIN news.articles AS article USING (article_id)
    -- The day, which is the article's, so that whoever asks for days does not wait for all texts.
    WINDOW article_versions AS (PARTITION BY article.day, version.article_id ORDER BY version.version_id)
)
SELECT version.article_id,
    version.url,
    version.number AS version,
    version.version_id = version.current_version_id AS is_current,
    version.title,
    length(version.text) AS characters,
    version.text_source,
    version.created_at AS seen_at,
    version.day,
    CASE
        WHEN version.text_before IS NULL THEN 'published'
        WHEN version.page_id IS NOT DISTINCT FROM version.page_before THEN 'read anew'
        ELSE 'revised'
    END AS why,
    CASE WHEN version.title_before <> version.title THEN version.title_before END AS title_before,
    changed.added AS paragraphs_added,
    changed.removed AS paragraphs_removed,
    round(length(array_to_string(changed.added || changed.removed, ''))::numeric
        / nullif(length(version.text) + length(version.text_before), 0), 3)::float AS changed_share
FROM versions AS version
CROSS JOIN LATERAL (
    SELECT CASE WHEN version.text_before IS NOT NULL
            THEN mart.paragraphs_only_in(version.text, version.text_before) END AS added,
        CASE WHEN version.text_before IS NOT NULL
            THEN mart.paragraphs_only_in(version.text_before, version.text) END AS removed
) AS changed;

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
    (SELECT count(*) FROM news.feeds AS feed
     WHERE feed.publisher_id = publisher.publisher_id AND feed.removed_at IS NULL) AS feeds,
    (SELECT count(*) FROM news.articles AS article WHERE article.publisher_id = publisher.publisher_id) AS articles,
    publisher.created_at
FROM news.publishers AS publisher;

-- The longest pause between two entries of a feed in the four weeks before its last.
CREATE OR REPLACE FUNCTION mart.longest_pause(of_feed bigint, last_entry_at timestamptz) RETURNS interval
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog
AS $$
    SELECT coalesce(max(dated.pause), interval '0')
    FROM (
        SELECT item.at - lag(item.at) OVER (ORDER BY item.at) AS pause
        FROM (
            SELECT least(entry.published_at, entry.first_seen_at) AS at
            FROM news.entries AS entry
            WHERE entry.feed_id = of_feed AND entry.seen_by = 'live'
                AND entry.first_seen_at > last_entry_at - interval '28 days'
        ) AS item
        WHERE item.at > last_entry_at - interval '28 days'
    ) AS dated
$$;

-- A feed is silent when its pause is, at its usual rate, less likely than one in a thousand, and half as long again as any in
-- the four weeks before (papers rest at weekends). Only of feeds that may be silent are the entries looked at.
CREATE OR REPLACE VIEW mart.feed_health AS
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
            round((extract(epoch FROM now() - feed.last_entry_at) / 86400)::numeric, 1),
            round((book.entries_a_day * 7)::numeric, 1))
        WHEN 'paused' THEN 'it is paused; `newswire feeds resume` has it polled again'
        WHEN 'new' THEN 'it has not been polled yet'
    END AS why,
    feed.last_outcome,
    feed.last_detail,
    feed.failures,
    feed.failing_since,
    feed.last_success_at,
    feed.interval_s,
    feed.last_polled_at,
    feed.last_changed_at,
    nullif(due.due_at, 'infinity') AS next_poll_at,
    feed.entries,
    feed.last_entry_at,
    coalesce(book.entries_7d, 0) AS entries_7d,
    round(book.expected_7d::numeric, 1)::float AS expected_7d,
    silence.probability AS silence_probability,
    book.date_quality,
    round(book.discovery_delay_s::numeric, 1)::float AS discovery_delay_s,
    coalesce(book.bytes_28d, 0) AS bytes_28d,
    coalesce(book.bytes_saved_28d, 0) AS bytes_saved_28d,
    feed.connection,
    feed.failure_score,
    CASE
        WHEN feed.failures = 0 THEN NULL
        WHEN feed.last_outcome = 'throttled' THEN 'when its host allows'
        WHEN feed.failure_score >= 30 THEN 'once a month'
        WHEN feed.failure_score >= 12 OR feed.last_outcome = 'gone' THEN 'within a week'
        ELSE 'within a day'
    END AS retries,
    coalesce(book.polls_28d, 0) AS polls_28d,
    coalesce(book.not_modified_28d, 0) AS not_modified_28d,
    coalesce(book.overflows_28d, 0) AS overflows_28d,
    -feed.validator_trust AS hidden_304s,
    feed.ask_whole AS doubted_304s
FROM news.feeds AS feed
LEFT JOIN ops.feed_books AS book USING (feed_id)
CROSS JOIN LATERAL (
    SELECT exp(-book.entries_a_day * least(extract(epoch FROM now() - feed.last_entry_at)::float / 86400, 365)) AS probability
) AS silence
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN feed.paused THEN 'paused'
        WHEN feed.last_polled_at IS NULL THEN 'new'
        WHEN feed.failures > 0 THEN 'failing'
        WHEN silence.probability < 0.001
            AND now() - feed.last_entry_at > 1.5 * mart.longest_pause(feed.feed_id, feed.last_entry_at) THEN 'silent'
        ELSE 'good'
    END AS state
) AS stated
JOIN news.publishers AS publisher USING (publisher_id)
LEFT JOIN ops.work AS due ON due.stage = 'poll' AND due.key = feed.feed_id
WHERE feed.removed_at IS NULL;

-- When pushes are relied on: as core/polling/pushes.py decides (a test compares).
CREATE OR REPLACE VIEW mart.feed_pushes AS
SELECT feed.feed_id,
    feed.url,
    feed.title,
    coalesce(feed.hub_url, subscribed.hub_url) AS hub_url,
    feed.topic_url,
    stated.state,
    CASE stated.state
        WHEN 'paused' THEN 'the feed is paused'
        WHEN 'off' THEN 'hubs cannot reach us: NEWSWIRE_PUBLIC_URL is not set where Airflow runs'
        WHEN 'relied on' THEN 'pushes bring what is new; it is polled in their shadow, at most every 12 hours'
        WHEN 'unreliable' THEN format('polls found %s of %s new entries that should have been pushed; it is polled as before',
            counted.missed, counted.seen + counted.missed)
        WHEN 'pushed' THEN 'the hub pushes; it is polled as before until pushes have brought ten entries'
        WHEN 'denied' THEN concat_ws(': ', 'the hub does not want us, and is asked again after a week', subscribed.detail)
        WHEN 'asked' THEN concat_ws(': ', format('the hub was asked %s times and has not verified it', subscribed.failures),
            subscribed.detail)
        ELSE 'the hub is asked within a few minutes'
    END AS why,
    CASE WHEN subscribed.state = 'verified' THEN subscribed.lease_until END AS lease_until,
    nullif(subscribed.next_ask_at, 'infinity') AS next_ask_at,
    counted.last_push_at,
    counted.pushes AS pushes_14d,
    counted.seen AS seen_14d,
    counted.missed AS missed_14d,
    counted.seen::float / nullif(counted.seen + counted.missed, 0) AS hit_rate,
    counted.drops AS drops_14d
FROM news.feeds AS feed
CROSS JOIN ops.websub
LEFT JOIN LATERAL (
    SELECT any_state.*
    FROM ops.hub_subscriptions AS any_state
    WHERE any_state.feed_id = feed.feed_id AND any_state.state IN ('asked', 'verified', 'denied')
    ORDER BY any_state.state = 'verified' DESC, any_state.hub_subscription_id DESC
    LIMIT 1
) AS subscribed ON true
CROSS JOIN LATERAL (
    SELECT (SELECT count(*)::integer FROM ops.pushes AS push
            WHERE push.feed_id = feed.feed_id AND push.at > now() - interval '14 days') AS pushes,
        (SELECT coalesce(sum(push.new_entries), 0)::integer FROM ops.pushes AS push
         WHERE push.feed_id = feed.feed_id AND push.at > now() - interval '14 days') AS seen,
        (SELECT max(push.at) FROM ops.pushes AS push WHERE push.feed_id = feed.feed_id) AS last_push_at,
        (SELECT coalesce(sum(poll.push_missed), 0)::integer FROM ops.polls AS poll
         WHERE poll.feed_id = feed.feed_id AND poll.at > now() - interval '14 days') AS missed,
        (SELECT coalesce(sum(dropped.drops), 0)::integer
         FROM ops.push_drops AS dropped
         JOIN ops.hub_subscriptions AS any_state USING (hub_subscription_id)
         WHERE any_state.feed_id = feed.feed_id AND dropped.day > (now() AT TIME ZONE 'UTC')::date - 14) AS drops
) AS counted
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN feed.paused THEN 'paused'
        WHEN websub.callback_url IS NULL THEN 'off'
        WHEN subscribed.state = 'verified' AND counted.seen >= 10
            AND counted.seen >= 0.95 * (counted.seen + counted.missed) THEN 'relied on'
        WHEN subscribed.state = 'verified' AND counted.missed > 0.05 * (counted.seen + counted.missed) THEN 'unreliable'
        WHEN subscribed.state = 'verified' THEN 'pushed'
        WHEN subscribed.state IS NOT NULL THEN subscribed.state
        ELSE 'waiting'
    END AS state
) AS stated
WHERE feed.hub_url IS NOT NULL OR subscribed.hub_url IS NOT NULL;

CREATE OR REPLACE VIEW mart.hubs AS
SELECT pushed.hub_url,
    count(*) AS feeds,
    count(*) FILTER (WHERE pushed.lease_until IS NOT NULL) AS verified,
    count(*) FILTER (WHERE pushed.state = 'denied') AS denied,
    count(*) FILTER (WHERE pushed.state = 'relied on') AS relied_on,
    sum(pushed.pushes_14d)::integer AS pushes_14d,
    sum(pushed.seen_14d)::integer AS seen_14d,
    sum(pushed.missed_14d)::integer AS missed_14d,
    sum(pushed.seen_14d)::float / nullif(sum(pushed.seen_14d + pushed.missed_14d), 0) AS hit_rate,
    sum(pushed.drops_14d)::integer AS drops_14d,
    max(pushed.last_push_at) AS last_push_at
FROM mart.feed_pushes AS pushed
GROUP BY pushed.hub_url;

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
    address.article_id,
    (entry.first_seen_at AT TIME ZONE 'UTC')::date AS day
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
    letter.made_by,
    about.subject,
    CASE letter.stage
        WHEN 'poll' THEN 'newswire feeds check ' || about.subject
        WHEN 'publish' THEN format('newswire rebuild publish %s --dry-run', about.subject)
        WHEN 'alert' THEN 'newswire alerts test ' || about.subject
        WHEN 'send' THEN 'newswire alerts log ' || split_part(about.subject, ' ', 1)
        WHEN 'import' THEN 'newswire import-warc --dry-run ' || split_part(about.subject, ' at ', 1)
        ELSE 'newswire article ' || about.subject
    END AS look,
    format('newswire replay %s --cause %s', letter.stage, letter.cause) AS replay,
    (letter.last_at AT TIME ZONE 'UTC')::date AS day
FROM ops.dead_letters AS letter
CROSS JOIN LATERAL (
    SELECT CASE letter.stage
        WHEN 'poll' THEN (SELECT feed.url FROM news.feeds AS feed WHERE feed.feed_id = letter.key)
        WHEN 'push' THEN (SELECT feed.url FROM ops.pushes AS push JOIN news.feeds AS feed USING (feed_id)
                          WHERE push.push_id = letter.key)
        WHEN 'fetch' THEN (SELECT address.url FROM news.addresses AS address WHERE address.address_id = letter.key)
        WHEN 'extract' THEN (SELECT address.url FROM news.addresses AS address WHERE address.address_id = letter.key)
        WHEN 'publish' THEN to_date(letter.key::text, 'YYYYMMDD')::text
        WHEN 'alert' THEN (SELECT alert.name FROM ops.alerts AS alert WHERE alert.alert_id = letter.key)
        WHEN 'send' THEN (SELECT concat_ws(' ', alert.name, 'to', delivery.place, message.webhook_id)
                          FROM ops.alert_deliveries AS delivery
                          JOIN ops.alert_messages AS message USING (message_id)
                          JOIN ops.alerts AS alert USING (alert_id)
                          WHERE delivery.delivery_id = letter.key)
        WHEN 'import' THEN (SELECT record.file_url || ' at ' || record.record_offset
                            FROM ops.warc_records AS record WHERE record.record_id = letter.key)
        ELSE (SELECT article.url FROM news.articles AS article WHERE article.article_id = letter.key)
    END AS subject
) AS about;

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
WHERE coalesce(first_entry.published_at, article.published_at) >= first_entry.subscribed_at AND article.seen_by = 'live';

-- Percentiles by day and stage.
CREATE OR REPLACE VIEW mart.delays_daily AS
SELECT delay.day,
    stage.stage,
    count(stage.seconds) AS articles,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY stage.seconds))::numeric, 1)::float AS median_s,
    round((percentile_cont(0.95) WITHIN GROUP (ORDER BY stage.seconds))::numeric, 1)::float AS p95_s,
    round(max(stage.seconds), 1)::float AS worst_s
FROM mart.delays AS delay
CROSS JOIN LATERAL (VALUES
    ('poll', delay.poll_s), ('fetch', delay.fetch_s), ('extract', delay.extract_s), ('tag', delay.tag_s), ('total', delay.total_s)
) AS stage (stage, seconds)
GROUP BY delay.day, stage.stage
HAVING count(stage.seconds) > 0;

CREATE OR REPLACE VIEW mart.queues AS
SELECT stage.stage,
    count(work.key) FILTER (WHERE work.due_at <= now() AND work.leased_until IS NULL) AS due,
    count(work.key) FILTER (WHERE work.leased_until >= now()) AS leased,
    count(work.key) FILTER (WHERE work.due_at > now() AND work.leased_until IS NULL) AS waiting,
    coalesce(extract(epoch FROM now() - min(work.due_at) FILTER (WHERE work.due_at <= now() AND work.leased_until IS NULL)), 0)
        AS oldest_due_s,
    (SELECT count(*) FROM ops.dead_letters AS letter WHERE letter.stage = stage.stage) AS dead
FROM unnest(ARRAY['poll', 'push', 'fetch', 'extract', 'group', 'tag', 'publish', 'alert', 'send']) WITH ORDINALITY AS stage (stage, place)
LEFT JOIN ops.work AS work ON work.stage = stage.stage
GROUP BY stage.stage, stage.place
ORDER BY stage.place;

CREATE OR REPLACE VIEW mart.checks AS
SELECT known.name,
    known.severity,
    known.why,
    CASE WHEN known.rows = 0 THEN 'healthy' ELSE 'wrong' END AS state,
    known.rows,
    known.wrong_since,
    known.asked_at,
    known.sample
FROM ops.checks AS known;

CREATE OR REPLACE VIEW mart.feed_proposals AS
SELECT proposal.proposal_id,
    proposal.url,
    proposal.domain,
    proposal.reason,
    proposal.found,
    proposal.title,
    proposal.language,
    proposal.format,
    proposal.items,
    proposal.newest_at,
    proposal.items_a_day,
    proposal.own_links,
    proposal.topics,
    proposal.samples,
    proposal.proposed_at,
    coalesce(proposal.outcome, 'waiting') AS outcome,
    proposal.decided_at,
    proposal.decided_by,
    proposal.note
FROM news.feed_proposals AS proposal;

CREATE OR REPLACE VIEW mart.site_looks AS
SELECT look.domain,
    look.url,
    look.reason,
    look.looked_at,
    look.feeds,
    look.proposed,
    look.problem
FROM news.site_looks AS look;
-- Every message of an alert at every channel: the receiver sees each webhook_id once, whatever is killed on the way.
CREATE OR REPLACE VIEW mart.alerts AS
SELECT message.made_at,
    (message.made_at AT TIME ZONE 'UTC')::date AS day,
    alert.name AS alert,
    message.webhook_id,
    message.title,
    message.notices,
    delivery.place AS channel,
    CASE
        WHEN delivery.sent_at IS NOT NULL THEN 'sent'
        WHEN letter.key IS NOT NULL THEN 'dead'
        ELSE 'pending'
    END AS state,
    delivery.attempts,
    coalesce(letter.cause || ': ' || letter.detail, delivery.answer) AS answer,
    delivery.tried_at,
    delivery.sent_at,
    round(extract(epoch FROM delivery.sent_at - message.made_at), 3)::float AS took_s
FROM ops.alert_deliveries AS delivery
JOIN ops.alert_messages AS message USING (message_id)
JOIN ops.alerts AS alert USING (alert_id)
LEFT JOIN ops.dead_letters AS letter ON letter.stage = 'send' AND letter.key = delivery.delivery_id;

-- What alerts found, notice by notice, told or still waiting for its digest, its hour or its turn.
CREATE OR REPLACE VIEW mart.alert_notices AS
SELECT notice.found_at,
    (notice.found_at AT TIME ZONE 'UTC')::date AS day,
    alert.name AS alert,
    notice.told ->> 'title' AS title,
    notice.told ->> 'why' AS why,
    notice.told ->> 'sentence' AS sentence,
    notice.told ->> 'url' AS url,
    notice.article_id,
    message.webhook_id
FROM ops.alert_notices AS notice
JOIN ops.alerts AS alert USING (alert_id)
LEFT JOIN ops.alert_messages AS message USING (message_id);

CREATE OR REPLACE VIEW mart.rebuilds AS
SELECT rebuilt.at,
    rebuilt.day,
    rebuilt.stage,
    rebuilt.asked_by,
    rebuilt.dry_run,
    rebuilt.seen,
    rebuilt.changed,
    rebuilt.unchanged,
    rebuilt.failed,
    rebuilt.scope,
    rebuilt.changes
FROM ops.rebuilds AS rebuilt;

CREATE OR REPLACE VIEW mart.erasures AS
SELECT erasure.erasure_id,
    erasure.at,
    erasure.asked_by,
    erasure.why,
    erasure.scope,
    erasure.articles,
    erasure.addresses,
    erasure.entries,
    erasure.pages,
    erasure.finished_at
FROM ops.erasures AS erasure;

CREATE OR REPLACE VIEW mart.history AS
SELECT feed.feed_id,
    feed.url AS feed_url,
    publisher.domain,
    document.kind,
    count(*) AS documents,
    count(*) FILTER (WHERE document.outcome <> 'read') AS failed,
    sum(document.new_entries)::bigint AS entries,
    min(document.oldest) AS oldest,
    max(document.newest) AS newest,
    max(document.read_at) AS last_read_at,
    max(document.outcome || coalesce(': ' || document.detail, '')) FILTER (WHERE document.outcome <> 'read') AS problem
FROM news.history_documents AS document
JOIN news.feeds AS feed USING (feed_id)
JOIN news.publishers AS publisher USING (publisher_id)
GROUP BY feed.feed_id, feed.url, publisher.domain, document.kind;
