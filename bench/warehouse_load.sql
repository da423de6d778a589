-- The tables of the warehouse from a plan (bench/press.py): set by set, as the steps would have left them.
-- Numbers follow each other: article, address, page and entry of one number belong together.

CREATE UNLOGGED TABLE public.pool (pool_id integer PRIMARY KEY, language text, text text, tags jsonb);
CREATE UNLOGGED TABLE public.plan (
    n bigint PRIMARY KEY, pool_id integer, title text, publisher_id bigint, at timestamptz, original bigint, story bigint,
    versions integer, feeds integer
);
-- copied: pool, plan, news.publishers

ALTER TABLE public.pool ADD document tsvector, ADD digest bytea;
UPDATE public.pool
SET document = news.search_document('', text, news.dialect(language)), digest = sha256(convert_to(text, 'UTF8'));

INSERT INTO news.feeds (feed_id, feed_key, url, host, publisher_id, title, interval_s, last_polled_at, last_success_at, last_outcome,
    failures, failing_since, entries, last_entry_at, created_at)
OVERRIDING SYSTEM VALUE
SELECT n, sha256(int8send(n)), 'https://' || publisher.domain || '/feed/' || n, publisher.domain, publisher.publisher_id, publisher.name,
    900, now(), now(), 'unchanged', (n %% 25 = 0)::integer, CASE WHEN n %% 25 = 0 THEN now() - interval '2 days' END, 200,
    now() - (n %% 50) * interval '3 hours', now() - interval '460 days'
FROM generate_series(1, %(feeds)s) AS n
JOIN news.publishers AS publisher ON publisher.publisher_id = 1 + n %% %(publishers)s;

INSERT INTO ops.feed_books (feed_id, booked_at, entries_7d, expected_7d, entries_a_day, date_quality, discovery_delay_s, polls_28d,
    not_modified_28d, overflows_28d, bytes_28d, bytes_saved_28d)
SELECT feed_id, now(), 14, 15, 2, '{"exact": 60}', 300, 2600, 2400, 0, 1000000, 9000000 FROM news.feeds;

INSERT INTO news.addresses (address_id, address_key, url, host, fetch_outcome, fetched_at, page_id, article_id, created_at)
OVERRIDING SYSTEM VALUE
SELECT plan.n, sha256(int8send(plan.n)), 'https://' || publisher.domain || '/' || to_char(plan.at, 'YYYY/MM/DD') || '/article-' || plan.n,
    publisher.domain, 'page', plan.at + interval '9 minutes', plan.n, plan.n, plan.at + interval '8 minutes'
FROM public.plan
JOIN news.publishers AS publisher USING (publisher_id)
ORDER BY plan.n;

-- One in thirty entries leads nowhere.
INSERT INTO news.addresses (address_id, address_key, url, host, fetch_outcome, fetch_detail, fetched_at)
OVERRIDING SYSTEM VALUE
SELECT %(rows)s + n, sha256(int8send(-n)), 'https://gone.example/' || n, 'gone.example', 'gone', 'HTTP 404', now()
FROM generate_series(1, %(rows)s / 30) AS n;

INSERT INTO news.pages (page_id, address_id, body_sha256, final_url, status, content_type, archive_path, archive_offset,
    archive_length, fetched_at)
OVERRIDING SYSTEM VALUE
SELECT address.address_id, address.address_id, address.address_key, address.url, 200, 'text/html; charset=utf-8',
    '2026/11/25/pages-' || address.address_id / 200 || '.warc.gz', address.address_id %% 200 * 20000, 20000, address.fetched_at
FROM news.addresses AS address
WHERE address.article_id IS NOT NULL
ORDER BY address.address_id;

INSERT INTO news.entries (entry_id, feed_id, entry_key, guid, address_id, title, summary, authors, published_raw, published_at,
    date_quality, content_sha256, first_seen_at)
OVERRIDING SYSTEM VALUE
SELECT plan.n * 8 + k, 1 + (plan.publisher_id - 2 + %(publishers)s * (1 + k)) %% %(feeds)s, int8send(plan.n), address.url, address.address_id,
    plan.title, left(pool.text, 200), '{}', to_char(plan.at, 'Dy, DD Mon YYYY HH24:MI:SS +0000'), plan.at, 'exact',
    address.address_key, plan.at + interval '8 minutes' + k * interval '20 minutes'
FROM public.plan
JOIN public.pool USING (pool_id)
JOIN news.addresses AS address ON address.address_id = plan.n
CROSS JOIN generate_series(0, least(plan.feeds, 5) - 1) AS k
ORDER BY plan.n;

INSERT INTO news.entries (entry_id, feed_id, entry_key, address_id, title, authors, published_at, date_quality, content_sha256, first_seen_at)
OVERRIDING SYSTEM VALUE
SELECT %(rows)s * 8 + address.address_id, 1 + address.address_id %% %(feeds)s, int8send(-address.address_id), address.address_id, 'Gone',
    '{}', now(), 'exact', '', now()
FROM news.addresses AS address
WHERE address.article_id IS NULL;

INSERT INTO news.articles (article_id, address_id, url, publisher_id, current_version_id, first_seen_at, seen_by, published_at, at, day,
    created_at)
OVERRIDING SYSTEM VALUE
SELECT plan.n, plan.n, address.url, plan.publisher_id, plan.n * 8 + least(plan.versions, 7), plan.at + interval '8 minutes', 'live', plan.at,
    plan.at, (plan.at AT TIME ZONE 'UTC')::date, plan.at + interval '9 minutes 2 seconds'
FROM public.plan
JOIN news.addresses AS address ON address.address_id = plan.n
ORDER BY plan.n;

-- Of an article's texts the last is current; every second revision changes the headline too.
INSERT INTO news.article_versions (version_id, article_id, content_sha256, title, text, language, authors, text_source, page_id, extractor,
    created_at, score, method, language_confidence, section)
OVERRIDING SYSTEM VALUE
SELECT plan.n * 8 + k, plan.n, sha256(pool.digest || int8send(k)), CASE WHEN k = plan.versions OR plan.n %% 2 = 0 THEN plan.title ELSE plan.title || ' *' END,
    CASE WHEN k = plan.versions THEN pool.text ELSE left(pool.text, -100) END, pool.language, '{}', 'page', plan.n, 'bench',
    plan.at + interval '9 minutes' * k, 0.9, 'fast', 0.99, 'news'
FROM public.plan
JOIN public.pool USING (pool_id)
CROSS JOIN generate_series(1, least(plan.versions, 7)) AS k
ORDER BY plan.n, k;

INSERT INTO news.search_documents (article_id, dialect, at, document, search_version)
SELECT plan.n, news.dialect(pool.language), plan.at,
    news.search_document(plan.title, '', news.dialect(pool.language)) || pool.document, news.search_version()
FROM public.plan
JOIN public.pool USING (pool_id)
ORDER BY plan.n;

INSERT INTO news.text_keys (article_id, signature, version_id, text_key, words)
SELECT plan.n, rule.in_force, plan.n * 8 + least(plan.versions, 7), pool.digest, length(pool.text) / 6
FROM public.plan
JOIN public.pool USING (pool_id)
CROSS JOIN ops.copy_rule AS rule
ORDER BY plan.n;

INSERT INTO news.duplicate_pairs (article_a, article_b, signature, kind, containment, jaccard, title_share, numbers, numbers_alike)
SELECT plan.original, plan.n, rule.in_force, 'near', 0.97, 0.95, 1, 5, 5
FROM public.plan
CROSS JOIN ops.copy_rule AS rule
WHERE plan.original < plan.n;

INSERT INTO news.duplicates (article_id, original_id, via_id, kind, reason, first_reason, signature, containment, jaccard, title_share,
    numbers, numbers_alike)
SELECT plan.n, plan.original, plan.original, 'near', '97 %% of the text is the same', 'published first', rule.in_force, 0.97, 0.95, 1, 5, 5
FROM public.plan
CROSS JOIN ops.copy_rule AS rule
WHERE plan.original < plan.n;

INSERT INTO news.stories (story_version, story_id, at)
SELECT version.story_version, plan.n, plan.at
FROM public.plan
CROSS JOIN news.story_versions AS version
WHERE plan.story = plan.n AND plan.original = plan.n;

INSERT INTO news.story_members (story_version, article_id, story_id, score, evidence)
SELECT version.story_version, plan.n, plan.story, CASE WHEN plan.story < plan.n THEN 0.7 END,
    CASE WHEN plan.story < plan.n THEN '{"names": ["Valletta", "Halyard"], "terms": ["talks", "envoys"], "numbers": [], "days": 0.2}'::jsonb END
FROM public.plan
CROSS JOIN news.story_versions AS version
WHERE plan.original = plan.n;

INSERT INTO news.article_topics (article_id, topic_id, topic_version_id, version_id, engine, level, score, evidence, valid_from)
SELECT plan.n, topic.topic_id, topic.version_in_force, plan.n * 8 + least(plan.versions, 7), 'bench', tag.level, tag.score, tag.evidence,
    plan.at + interval '9 minutes 3 seconds'
FROM public.plan
JOIN public.pool USING (pool_id)
CROSS JOIN LATERAL jsonb_to_recordset(pool.tags) AS tag (topic text, level text, score real, evidence jsonb)
JOIN news.topics AS topic ON topic.slug = tag.topic
ORDER BY plan.n;

INSERT INTO news.article_taggings (article_id, version_id, definitions_sha256, engine, first_tagged_at)
SELECT plan.n, plan.n * 8 + least(plan.versions, 7), '', 'bench', plan.at + interval '9 minutes 3 seconds' FROM public.plan;

INSERT INTO news.topic_overrides (article_id, topic_id, applies, said_by)
SELECT tag.article_id, tag.topic_id, false, 'editor' FROM news.article_topics AS tag WHERE tag.article_id %% 500 = 0;

INSERT INTO ops.dead_letters (stage, key, cause, detail, attempts)
SELECT 'extract', n * 400, 'poison', 'the child was killed twice', 5 FROM generate_series(1, %(rows)s / 500) AS n;

INSERT INTO ops.work (stage, key, due_at) SELECT 'poll', feed_id, now() + feed_id * interval '1 second' FROM news.feeds;

DROP TABLE public.plan, public.pool;
