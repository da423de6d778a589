-- Who is believed about a publisher, and what a poll's outcome means in words.

-- Whether what one source says replaces what another said: users before the starter list, then feeds and pages, then the
-- top-level domain; of equal ones the later.
CREATE OR REPLACE FUNCTION news.outranks(said_by text, known_from text) RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT said_by IS NOT NULL
        AND (known_from IS NULL OR array_position(ranks.ranks, said_by) >= array_position(ranks.ranks, known_from))
    FROM (VALUES (ARRAY['domain', 'feed', 'page', 'starter', 'user'])) AS ranks (ranks)
$$;

-- Both lists in one, sorted.
CREATE OR REPLACE FUNCTION news.united(one text[], other text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT coalesce(array_agg(DISTINCT item.item ORDER BY item.item), '{}') FROM unnest(one || other) AS item (item)
$$;

-- The languages of a publisher after somebody named some: equal sources add to each other, a better one replaces.
CREATE OR REPLACE FUNCTION news.languages_after(said text[], said_by text, known text[], known_from text) RETURNS text[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT CASE
        WHEN said_by = known_from THEN news.united(said, known)
        WHEN news.outranks(said_by, known_from) THEN news.united(said, '{}')
        ELSE known
    END
$$;

-- Why a feed gave nothing, for people; the same words as core/reasons.py has (a test compares them).
CREATE OR REPLACE FUNCTION news.in_words(outcome text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog
AS $$
    SELECT coalesce(
        (SELECT reason.words
         FROM (VALUES
             ('dns', 'the host name is not known'),
             ('connect', 'the server cannot be reached'),
             ('tls', 'the server''s certificate is not accepted'),
             ('timeout', 'the server takes too long'),
             ('blocked_address', 'the host leads to an address that is not public'),
             ('bad_url', 'it is an address that is never asked'),
             ('robots', 'robots.txt forbids it'),
             ('credential', 'its credential cannot be used'),
             ('bad_redirect', 'it redirects in a loop, too often or nowhere'),
             ('protocol', 'the answer breaks the rules of HTTP'),
             ('truncated', 'the answer ends too early'),
             ('bad_encoding', 'the answer is compressed in a way that cannot be undone'),
             ('too_large', 'the answer is too large'),
             ('http_status', 'the server refuses'),
             ('throttled', 'the server asks for patience'),
             ('bot_challenge', 'it sets a riddle for browsers (Cloudflare)'),
             ('gone', 'nothing is at this address any more'),
             ('not_a_feed', 'what is there is not a feed'),
             ('unreadable', 'there is a feed, but it cannot be read'),
             ('killed', 'the document takes too much time or memory to read')
         ) AS reason (outcome, words)
         WHERE reason.outcome = in_words.outcome),
        outcome)
$$;
