-- Every poll and every fetch, by month: growing logs are born partitioned, so that old months can go.
CREATE TABLE ops.polls (
    poll_id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT now(),
    feed_id bigint NOT NULL,
    outcome text NOT NULL,
    status smallint,
    items integer,
    new_entries integer NOT NULL,
    revised_entries integer NOT NULL,
    wire_bytes integer,
    seconds real,
    detail text,
    PRIMARY KEY (at, poll_id)
) PARTITION BY RANGE (at);
CREATE INDEX polls_feed ON ops.polls (feed_id, at);
CREATE TABLE ops.polls_other PARTITION OF ops.polls DEFAULT;

CREATE TABLE ops.fetches (
    fetch_id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT now(),
    address_id bigint NOT NULL,
    outcome text NOT NULL,
    status smallint,
    cause text,
    detail text,
    page_id bigint,
    wire_bytes integer,
    seconds real,
    PRIMARY KEY (at, fetch_id)
) PARTITION BY RANGE (at);
CREATE INDEX fetches_address ON ops.fetches (address_id, at);
CREATE TABLE ops.fetches_other PARTITION OF ops.fetches DEFAULT;

CREATE TABLE mart.topic_daily (
    day date NOT NULL,
    topic text NOT NULL,
    language text NOT NULL,
    country text NOT NULL,
    articles integer NOT NULL,
    originals integer NOT NULL,
    sources integer NOT NULL,
    core_articles integer NOT NULL,
    core_originals integer NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (day, topic, language, country)
);
CREATE INDEX topic_daily_topic ON mart.topic_daily (topic, day);
