-- Alerts: what people want to be told, what was found for them, what was sent, and how it went.
ALTER TABLE ops.work
    DROP CONSTRAINT work_stage_check,
    ADD CONSTRAINT work_stage_check
        CHECK (stage IN ('poll', 'push', 'fetch', 'extract', 'group', 'tag', 'publish', 'alert', 'send'));

CREATE TABLE ops.alerts (
    alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    file_sha256 bytea,
    problem text,
    definition text,  -- the last good one; NULL: there never was one, or the file is gone
    looks_at text CHECK (looks_at IN ('articles', 'clock')),  -- NULL: switched off
    condition_sha256 bytea,
    since timestamptz,
    looked_to timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ops.alert_messages (
    message_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id text NOT NULL UNIQUE,
    alert_id bigint NOT NULL REFERENCES ops.alerts,
    made_at timestamptz NOT NULL DEFAULT now(),
    title text NOT NULL,
    plain text NOT NULL,
    body text NOT NULL,
    notices integer NOT NULL
);
CREATE INDEX alert_messages_alert ON ops.alert_messages (alert_id, made_at);

CREATE TABLE ops.alert_notices (
    notice_key bytea PRIMARY KEY,
    alert_id bigint NOT NULL REFERENCES ops.alerts,
    article_id bigint,
    found_at timestamptz NOT NULL,
    told jsonb NOT NULL,
    message_id bigint REFERENCES ops.alert_messages
);
CREATE INDEX alert_notices_waiting ON ops.alert_notices (alert_id) WHERE message_id IS NULL;
CREATE INDEX alert_notices_latest ON ops.alert_notices (alert_id, found_at);
CREATE INDEX alert_notices_article ON ops.alert_notices (article_id) WHERE article_id IS NOT NULL;

CREATE TABLE ops.alert_deliveries (
    delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id bigint NOT NULL REFERENCES ops.alert_messages,
    place text NOT NULL,
    channel jsonb NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    answer text,
    tried_at timestamptz,
    sent_at timestamptz,
    UNIQUE (message_id, place)
);

-- A look reads what is new since the last one, not what is there.
CREATE INDEX article_topics_valid_from ON news.article_topics (valid_from);
CREATE INDEX article_versions_created ON news.article_versions USING brin (created_at);
