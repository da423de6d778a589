-- Feeds that discovery proposes and a person decides about, remembered so that nobody is asked twice; runs that passed their deadline.
CREATE TABLE news.site_looks (
    domain text PRIMARY KEY,
    url text NOT NULL,
    reason text NOT NULL,
    asked_in text NOT NULL,
    looked_at timestamptz NOT NULL DEFAULT now(),
    feeds integer NOT NULL,
    proposed integer NOT NULL,
    problem text
);

CREATE TABLE news.feed_proposals (
    proposal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_key bytea NOT NULL,
    url text NOT NULL,
    domain text NOT NULL,
    reason text NOT NULL,
    found text NOT NULL,
    format text NOT NULL,
    title text,
    language text,
    items integer NOT NULL,
    newest_at timestamptz,
    items_a_day double precision,
    own_links double precision NOT NULL,
    topics text[] NOT NULL,
    samples text[] NOT NULL,
    offer_sha256 bytea NOT NULL,
    asked_in text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    outcome text CHECK (outcome IN ('subscribed', 'rejected', 'lapsed')),
    decided_at timestamptz,
    decided_by text,
    note text,
    CHECK ((outcome IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX feed_proposals_open ON news.feed_proposals (feed_key) WHERE outcome IS NULL;
CREATE INDEX feed_proposals_key ON news.feed_proposals (feed_key, offer_sha256);

CREATE TABLE ops.late_runs (
    dag_id text NOT NULL,
    run_id text NOT NULL,
    needed_by timestamptz NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dag_id, run_id)
);
