-- What polling learns of each feed, where feeds have moved to, and what all pollers share: a price and whether the network is down.
ALTER TABLE news.feeds
    ADD COLUMN failure_score double precision NOT NULL DEFAULT 0,
    ADD COLUMN rate_items double precision,
    ADD COLUMN rate_days double precision,
    ADD COLUMN rate_hours double precision[],
    ADD COLUMN rate_squares double precision,
    ADD COLUMN rate_at timestamptz,
    ADD COLUMN window_items integer,
    ADD COLUMN overflows integer NOT NULL DEFAULT 0,
    ADD COLUMN max_age_s integer,
    ADD COLUMN ttl_s integer,
    ADD COLUMN skip_hours integer NOT NULL DEFAULT 0,
    ADD COLUMN skip_days integer NOT NULL DEFAULT 0,
    ADD COLUMN last_whole_at timestamptz,
    ADD COLUMN ask_whole boolean NOT NULL DEFAULT false,
    ADD COLUMN validator_trust integer NOT NULL DEFAULT 0;

CREATE TABLE news.feed_url_history (
    feed_id bigint NOT NULL REFERENCES news.feeds,
    address_key bytea NOT NULL,
    url text NOT NULL,
    sightings integer NOT NULL DEFAULT 1,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    adopted_at timestamptz,
    note text,
    PRIMARY KEY (feed_id, url)
);
CREATE INDEX feed_url_history_adopted ON news.feed_url_history (address_key) WHERE adopted_at IS NOT NULL;

ALTER TABLE ops.polls ADD COLUMN overflowed boolean NOT NULL DEFAULT false;

CREATE TABLE ops.budget (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    price double precision NOT NULL,
    polls_per_minute double precision NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ops.network (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    down_since timestamptz,
    probed_at timestamptz
);
INSERT INTO ops.network DEFAULT VALUES;
