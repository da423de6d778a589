-- Full-text search in every language. A *dialect* says how words become lexemes: a text-search configuration of PostgreSQL
-- (english, russian, ...), `pairs` for scripts without spaces and for Korean, whose words carry their particles, `uk`, `pl`,
-- `cs`, `bg` for languages that PostgreSQL has no stemmer for, and `simple` for the rest.

-- Raised with any change below: rows of another version are made again by check_warehouse.
CREATE OR REPLACE FUNCTION news.search_version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';

CREATE OR REPLACE FUNCTION news.dialect(language text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT CASE split_part(lower(coalesce(language, '')), '-', 1)
        WHEN 'zh' THEN 'pairs' WHEN 'ja' THEN 'pairs' WHEN 'ko' THEN 'pairs' WHEN 'th' THEN 'pairs' WHEN 'lo' THEN 'pairs'
        WHEN 'km' THEN 'pairs' WHEN 'my' THEN 'pairs'
        WHEN 'uk' THEN 'uk' WHEN 'pl' THEN 'pl' WHEN 'cs' THEN 'cs' WHEN 'bg' THEN 'bg'
        WHEN 'ar' THEN 'arabic' WHEN 'hy' THEN 'armenian' WHEN 'eu' THEN 'basque' WHEN 'ca' THEN 'catalan'
        WHEN 'da' THEN 'danish' WHEN 'nl' THEN 'dutch' WHEN 'en' THEN 'english' WHEN 'fi' THEN 'finnish'
        WHEN 'fr' THEN 'french' WHEN 'de' THEN 'german' WHEN 'el' THEN 'greek' WHEN 'hi' THEN 'hindi'
        WHEN 'hu' THEN 'hungarian' WHEN 'id' THEN 'indonesian' WHEN 'ga' THEN 'irish' WHEN 'it' THEN 'italian'
        WHEN 'lt' THEN 'lithuanian' WHEN 'ne' THEN 'nepali' WHEN 'no' THEN 'norwegian' WHEN 'nb' THEN 'norwegian'
        WHEN 'nn' THEN 'norwegian' WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian' WHEN 'ru' THEN 'russian'
        WHEN 'sr' THEN 'serbian' WHEN 'es' THEN 'spanish' WHEN 'sv' THEN 'swedish' WHEN 'ta' THEN 'tamil'
        WHEN 'tr' THEN 'turkish' WHEN 'yi' THEN 'yiddish'
        ELSE 'simple'
    END
$$;

-- The configuration of PostgreSQL that a dialect uses for what is left after `news.words`.
CREATE OR REPLACE FUNCTION news.search_configuration(dialect text) RETURNS regconfig
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT (CASE WHEN dialect IN ('pairs', 'uk', 'pl', 'cs', 'bg') THEN 'simple' ELSE dialect END)::regconfig
$$;

-- A text as the dialect's configuration reads it. `pairs`: every run of a script without spaces becomes its pairs of
-- neighbours, so that any word of two or more characters is a phrase of pairs. The four without a stemmer lose the endings of
-- declension; the stem keeps at least three letters. Arabic words are given their article: PostgreSQL's stemmer cuts plurals
-- only behind one, so a word and its definite form would be strangers.
CREATE OR REPLACE FUNCTION news.words(said text, dialect text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog
AS $$
    SELECT CASE dialect
        WHEN 'pairs' THEN (
            SELECT coalesce(string_agg(
                CASE
                    WHEN run.text !~ '[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]' THEN run.text
                    WHEN length(run.text) = 1 THEN run.text
                    ELSE (SELECT string_agg(pair.text, ' ' ORDER BY pair.place) FROM (
                        SELECT letter.text || lead(letter.text) OVER (ORDER BY letter.place) AS text, letter.place
                        FROM regexp_split_to_table(run.text, '') WITH ORDINALITY AS letter (text, place)) AS pair
                        WHERE pair.text IS NOT NULL)
                END, ' ' ORDER BY run.place), '')
            FROM (
                SELECT found[1] AS text, place
                FROM regexp_matches(lower(said), '[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]+|[^\s\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]+', 'g')
                    WITH ORDINALITY AS matches (found, place)
            ) AS run)
        WHEN 'uk' THEN regexp_replace(translate(lower(said), '’ʼ`', ''''''''), '([а-яєіїґ'']{3,}?)(ення|енням|енню|еннях|ами|ями|ові|еві|єві|ого|ому|ими|іми|ій|ий|их|им|ів|їв|ам|ям|ах|ях|ою|ею|єю|ої|ьої|ьою|ю|я|а|у|и|і|ї|е|є|о|ь|й)\M', '\1', 'g')
        WHEN 'bg' THEN regexp_replace(lower(said), '([а-я]{3,}?)(ите|ията|ият|ата|ята|ото|ето|ове|ия|ът|ят|те|та|то|ри|а|я|и|е|о|у|й)\M', '\1', 'g')
        WHEN 'pl' THEN regexp_replace(lower(said), '([a-ząćęłńóśźż]{3,}?)(ami|iami|owi|ego|iego|emu|iemu|ymi|imi|ów|om|iom|ach|iach|ych|ich|ym|im|ej|iej|ą|ią|ę|ię|a|ia|e|ie|y|i|o|u|iu|em|iem)\M', '\1', 'g')
        WHEN 'cs' THEN regexp_replace(lower(said), '([a-záčďéěíňóřšťúůýž]{3,}?)(ami|emi|ými|ěmi|ech|ích|ách|ého|ému|ých|ým|ům|ou|ím|em|ům|ov|ů|a|á|e|é|ě|i|í|o|u|y|ý)\M', '\1', 'g')
        WHEN 'arabic' THEN regexp_replace(said, '\m(?:[وفبك]?ال|[وف]?لل)?([\u0621-\u064A]{3,})', 'ال\1', 'g')
        ELSE said
    END
$$;

-- What is kept for search: the title weighs more; of a text its first 20,000 characters, which is more than 99 % of articles
-- have. A document that PostgreSQL refuses all the same (a megabyte of lexemes) is kept by its title.
CREATE OR REPLACE FUNCTION news.search_document(title text, body text, dialect text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog
AS $$
DECLARE
    configuration regconfig := news.search_configuration(dialect);
    heading tsvector := setweight(to_tsvector(configuration, news.words(left(title, 1000), dialect)), 'A');
BEGIN
    RETURN heading || setweight(to_tsvector(configuration, news.words(left(body, 20000), dialect)), 'B');
EXCEPTION WHEN program_limit_exceeded THEN
    RETURN heading;
END
$$;

-- A query as people write it: words (all of them), "a phrase", -word (not), word* (begins so), OR between two.
CREATE OR REPLACE FUNCTION news.search_query(asked text, dialect text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog
AS $$
DECLARE
    configuration regconfig := news.search_configuration(dialect);
    term text[];
    part tsquery;
    alternatives tsquery;  -- finished: what stands before an OR
    together tsquery;      -- the words since the last OR
BEGIN
    FOR term IN SELECT regexp_matches(asked, '(-?)(?:"([^"]*)"?|([^\s"]+))', 'g') LOOP
        IF term[1] = '' AND term[3] = 'OR' THEN
            alternatives := coalesce(alternatives || together, alternatives, together);
            together := NULL;
            CONTINUE;
        END IF;
        IF term[3] ~ '\*$' AND dialect <> 'pairs' THEN
            -- A stem may be shorter than what was asked (negotiat*: negoti), so its last letters may be missing too.
            SELECT to_tsquery('simple', string_agg(format('(%s)', quote_literal(words.word) || ':*' || (
                SELECT coalesce(string_agg(' | ' || quote_literal(left(words.word, size)), ''), '')
                FROM generate_series(greatest(4, length(words.word) - 4), length(words.word) - 1) AS size)), ' & ')) INTO part
            FROM regexp_split_to_table(lower(rtrim(term[3], '*')), '[^[:alnum:]]+') AS words (word)
            WHERE words.word <> '';
        ELSE
            part := phraseto_tsquery(configuration, news.words(rtrim(coalesce(term[2], term[3]), '*'), dialect));
        END IF;
        CONTINUE WHEN part IS NULL OR numnode(part) = 0;  -- a stop word, or punctuation
        IF term[1] = '-' THEN
            part := !!part;
        END IF;
        together := coalesce(together && part, part);
    END LOOP;
    RETURN coalesce(alternatives || together, together, alternatives, ''::tsquery);
END
$$;

-- Keep the documents in step with the articles, whoever writes them.
CREATE OR REPLACE FUNCTION news.index_for_search(article_ids bigint[]) RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    made integer;
BEGIN
    INSERT INTO news.search_documents AS known (article_id, dialect, at, document, search_version)
    SELECT article.article_id, news.dialect(version.language), article.at,
        news.search_document(version.title, version.text, news.dialect(version.language)), news.search_version()
    FROM news.articles AS article
    JOIN news.article_versions AS version ON version.version_id = article.current_version_id
    WHERE article.article_id = ANY (article_ids)
    ORDER BY article.article_id
    ON CONFLICT (article_id) DO UPDATE
    SET dialect = excluded.dialect, at = excluded.at, document = excluded.document, search_version = excluded.search_version;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

CREATE OR REPLACE FUNCTION news.index_changed_articles() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    PERFORM news.index_for_search(array_agg(now_.article_id))
    FROM after_ AS now_
    JOIN before_ AS was USING (article_id)
    WHERE now_.current_version_id IS DISTINCT FROM was.current_version_id;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER index_for_search AFTER UPDATE ON news.articles
REFERENCING OLD TABLE AS before_ NEW TABLE AS after_ FOR EACH STATEMENT EXECUTE FUNCTION news.index_changed_articles();

-- Where an article says what was asked: the words around the first hit, the hit in «». The asked words themselves are looked for,
-- shortened until they stand there, because lexemes of our own making do not stand in the text, and because parsing a whole text
-- to find a place in it is most of what a search costs.
CREATE OR REPLACE FUNCTION news.search_headline(title text, body text, asked text, query tsquery, dialect text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog
AS $$
DECLARE
    is_stemmed boolean := dialect NOT IN ('pairs', 'uk', 'pl', 'cs', 'bg');
    configuration regconfig := news.search_configuration(dialect);
    options text := format('StartSel="%s«", StopSel=», MaxFragments=1, MaxWords=32, MinWords=16', chr(1));  -- texts have « of their own
    known text := left(body, 20000);
    folded text := lower(known);
    literal text;
    place integer;
    marked text;
BEGIN
    FOR literal IN
        SELECT matches.parts[2]
        FROM regexp_matches(asked, '(^|[^-\w])"?([^\s"*]+)', 'g') AS matches (parts)
        WHERE matches.parts[2] NOT IN ('OR', '')
    LOOP
        FOR size IN REVERSE length(literal)..greatest(2, length(literal) - 4) LOOP
            place := strpos(folded, lower(left(literal, size)));
            CONTINUE WHEN place = 0;
            IF NOT is_stemmed THEN
                RETURN trim(regexp_replace(
                    substr(body, greatest(place - 60, 1), least(place - 1, 60)) || '«' || substr(body, place, size) || '»'
                    || substr(body, place + size, 100), '\s+', ' ', 'g'));
            END IF;
            marked := ts_headline(configuration, substr(known, greatest(place - 200, 1), 600), query, options);
            IF strpos(marked, chr(1)) > 0 THEN
                RETURN replace(marked, chr(1), '');
            END IF;
        END LOOP;
    END LOOP;
    IF is_stemmed THEN
        RETURN replace(ts_headline(configuration, known, query, options), chr(1), '');
    END IF;
    RETURN left(regexp_replace(body, '\s+', ' ', 'g'), 160);
END
$$;

-- The newest articles that have these words: of the last month, and only if those are too few, of the half year, of all time.
-- A common word has a fifth of all articles, and an index over words cannot give the newest of them first. Dynamic, so that the
-- plan is made for these words, which may be common or rare.
CREATE OR REPLACE FUNCTION news.search_hits(
    words tsquery, dialects text[], topics text[], since timestamptz, until timestamptz, wanted integer
) RETURNS TABLE (article_id bigint, at timestamptz)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog
AS $$
DECLARE
    newest timestamptz := least(until, (
        SELECT max(newest.at)
        FROM unnest(dialects) AS asked (dialect)
        CROSS JOIN LATERAL (
            SELECT max(document.at) AS at FROM news.search_documents AS document WHERE document.dialect = asked.dialect
        ) AS newest));
    upper_bound timestamptz := coalesce(until, 'infinity');
    lower_bound timestamptz;
    found_rows integer;
    missing integer := wanted;
BEGIN
    FOREACH lower_bound IN ARRAY ARRAY[newest - interval '30 days', newest - interval '180 days', '-infinity'] LOOP
        lower_bound := greatest(lower_bound, since);
        RETURN QUERY EXECUTE '
            SELECT document.article_id, document.at
            FROM news.search_documents AS document
            WHERE document.document @@ $1 AND document.dialect = ANY ($2) AND document.at >= $3 AND document.at < $4
                AND ($5 IS NULL OR document.article_id IN (
                    SELECT tag.article_id
                    FROM news.topics AS topic
                    JOIN news.topic_family AS family ON family.ancestor_id = topic.topic_id
                    JOIN mart.judged_tags AS tag ON tag.topic_id = family.topic_id
                    WHERE topic.slug = ANY ($5) AND NOT EXISTS (
                        SELECT FROM news.topic_overrides AS no
                        WHERE no.article_id = tag.article_id AND no.topic_id = topic.topic_id AND no.valid_to IS NULL
                            AND NOT no.applies)))
            ORDER BY document.at DESC
            LIMIT $6'
        USING words, dialects, lower_bound, upper_bound, topics, missing;
        GET DIAGNOSTICS found_rows = ROW_COUNT;
        missing := missing - found_rows;
        EXIT WHEN missing <= 0 OR lower_bound = since OR lower_bound = '-infinity';
        upper_bound := lower_bound;
    END LOOP;
END
$$;

-- Search as analysts use it. Of many hits the newest 1,000 are ranked: how well they fit, halved by each month of age. Dialects that
-- make the same of the query are searched together.
CREATE OR REPLACE FUNCTION mart.search_articles(
    query text,
    languages text[] DEFAULT NULL,
    topics text[] DEFAULT NULL,
    since timestamptz DEFAULT NULL,
    until timestamptz DEFAULT NULL,
    originals_only boolean DEFAULT false,
    max_rows integer DEFAULT 50
) RETURNS TABLE (
    article_id bigint, url text, title text, language text, publisher text, country text, at timestamptz, day date,
    is_copy boolean, score real, headline text
)
LANGUAGE sql STABLE
SET search_path = pg_catalog
SET random_page_cost = 1.1  -- some thousand rows of large tables, one by one
AS $$
    WITH dialects AS (
        SELECT news.dialect(wanted.language) AS dialect FROM unnest(search_articles.languages) AS wanted (language)
        UNION
        SELECT known.dialect FROM (
            WITH RECURSIVE every AS (
                (SELECT document.dialect FROM news.search_documents AS document ORDER BY document.dialect LIMIT 1)
                UNION ALL
                SELECT (SELECT document.dialect FROM news.search_documents AS document
                        WHERE document.dialect > every.dialect ORDER BY document.dialect LIMIT 1)
                FROM every WHERE every.dialect IS NOT NULL
            ) SELECT every.dialect FROM every WHERE every.dialect IS NOT NULL
        ) AS known
        WHERE search_articles.languages IS NULL
    ), asked AS MATERIALIZED (
        SELECT said.words, array_agg(said.dialect) AS dialects
        FROM (SELECT dialects.dialect, news.search_query(search_articles.query, dialects.dialect) AS words FROM dialects) AS said
        WHERE numnode(said.words) > 0
        GROUP BY said.words
    ), hits AS MATERIALIZED (
        SELECT hit.article_id, hit.at, asked.words
        FROM asked
        CROSS JOIN LATERAL news.search_hits(asked.words, asked.dialects, search_articles.topics, search_articles.since,
            search_articles.until, greatest(1000, search_articles.max_rows)) AS hit
    ), chosen AS MATERIALIZED (
        -- A scalar subquery, so that nothing but these rows is looked up.
        SELECT hits.article_id, hits.at, hits.words
        FROM hits
        WHERE (search_articles.languages IS NULL OR (
                SELECT version.language = ANY (search_articles.languages)
                    OR split_part(version.language, '-', 1) = ANY (search_articles.languages)
                FROM news.articles AS article
                JOIN news.article_versions AS version ON version.version_id = article.current_version_id
                WHERE article.article_id = hits.article_id))
            AND (NOT search_articles.originals_only OR NOT EXISTS (
                SELECT FROM news.copies AS copy WHERE copy.article_id = hits.article_id))
        ORDER BY hits.at DESC
        LIMIT greatest(1000, search_articles.max_rows)
    ), ranked AS (
        SELECT chosen.*, document.dialect,
            (ts_rank_cd('{0.1, 0.2, 0.4, 1.0}', document.document, chosen.words, 1)
                * exp(-ln(2) * greatest(extract(epoch FROM now() - chosen.at), 0) / (30 * 86400))::float)::real AS score
        FROM chosen
        JOIN news.search_documents AS document USING (article_id)
        ORDER BY score DESC, chosen.at DESC, chosen.article_id
        LIMIT search_articles.max_rows
    )
    SELECT article.article_id, article.url, article.title, article.language, article.publisher, article.country, article.at,
        article.day, article.is_copy, ranked.score,
        news.search_headline(article.title, article.text, search_articles.query, ranked.words, ranked.dialect)
    FROM ranked
    JOIN mart.articles AS article USING (article_id)
    ORDER BY ranked.score DESC, ranked.at DESC, ranked.article_id
$$;
