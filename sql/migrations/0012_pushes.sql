-- Pushes (WebSub): the hub that each feed names, our subscriptions there with their secrets, and what hubs have sent.
ALTER TABLE news.feeds ADD hub_url text, ADD topic_url text;
ALTER TABLE ops.polls ADD push_missed integer NOT NULL DEFAULT 0;
ALTER TABLE ops.work
    DROP CONSTRAINT work_stage_check,
    ADD CONSTRAINT work_stage_check CHECK (stage IN ('poll', 'push', 'fetch', 'extract', 'group', 'tag', 'publish'));

CREATE TABLE ops.hub_subscriptions (
    hub_subscription_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id bigint NOT NULL REFERENCES news.feeds ON DELETE CASCADE,
    hub_url text NOT NULL,
    topic_url text NOT NULL,
    -- asked -> verified -> leaving -> ended; asked | verified -> denied -> asked
    state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'verified', 'denied', 'leaving', 'ended')),
    detail text,
    failures integer NOT NULL DEFAULT 0,
    asked_at timestamptz,
    next_ask_at timestamptz NOT NULL DEFAULT now(),
    verified_at timestamptz,
    lease_until timestamptz,
    ended_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (state <> 'verified' OR (verified_at IS NOT NULL AND lease_until IS NOT NULL)),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL))
);
CREATE INDEX hub_subscriptions_feed ON ops.hub_subscriptions (feed_id);
CREATE INDEX hub_subscriptions_live ON ops.hub_subscriptions (next_ask_at) WHERE state <> 'ended';
-- Two workers must not ask for the same feed twice.
CREATE UNIQUE INDEX hub_subscriptions_pending ON ops.hub_subscriptions (feed_id) WHERE state IN ('asked', 'denied');

-- Apart from the rest, because readers see the rest.
CREATE TABLE ops.hub_secrets (
    hub_subscription_id bigint PRIMARY KEY REFERENCES ops.hub_subscriptions ON DELETE CASCADE,
    token text NOT NULL UNIQUE,
    secret text NOT NULL
);

CREATE TABLE ops.pushes (
    push_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id bigint NOT NULL REFERENCES news.feeds ON DELETE CASCADE,
    hub_url text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    body_sha256 bytea NOT NULL,
    bytes integer NOT NULL,
    content_type text,
    body bytea,
    outcome text,
    detail text,
    new_entries integer,
    revised_entries integer,
    taken_at timestamptz,
    UNIQUE (feed_id, body_sha256),
    CHECK ((outcome IS NULL) = (body IS NOT NULL))
);
CREATE INDEX pushes_feed ON ops.pushes (feed_id, at);
CREATE INDEX pushes_at ON ops.pushes (at);
CREATE INDEX pushes_waiting ON ops.pushes (bytes) WHERE outcome IS NULL;

CREATE TABLE ops.push_drops (
    hub_subscription_id bigint NOT NULL REFERENCES ops.hub_subscriptions ON DELETE CASCADE,
    day date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    reason text NOT NULL CHECK (reason IN ('unsigned', 'forged', 'repeated', 'too_large', 'encoded', 'no_room')),
    drops integer NOT NULL DEFAULT 1,
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hub_subscription_id, day, reason)
);

CREATE TABLE ops.websub (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    callback_url text,
    looked_at timestamptz
);
INSERT INTO ops.websub DEFAULT VALUES;
