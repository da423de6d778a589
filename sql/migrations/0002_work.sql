-- Work links the stages: what is due, who holds it, and what failed for good.
CREATE TABLE ops.work (
    stage text NOT NULL CHECK (stage IN ('poll', 'fetch', 'extract', 'group', 'tag', 'publish')),
    key bigint NOT NULL,
    lane text,
    priority smallint NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    asked_at timestamptz NOT NULL DEFAULT now(),
    mark bigint NOT NULL DEFAULT 1,
    attempts integer NOT NULL DEFAULT 0,
    leased_until timestamptz,  -- due -> leased -> done (row deleted) | due again | dead letter
    leased_by text,
    holder integer,
    cause text,
    PRIMARY KEY (stage, key),
    CONSTRAINT work_lease_is_whole CHECK ((leased_until IS NULL) = (leased_by IS NULL))
);
CREATE INDEX work_due ON ops.work (stage, priority, due_at);
CREATE INDEX work_lanes ON ops.work (stage, lane) WHERE leased_until IS NOT NULL;

CREATE TABLE ops.dead_letters (
    stage text NOT NULL,
    key bigint NOT NULL,
    cause text NOT NULL,
    detail text NOT NULL,
    attempts integer NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stage, key)
);

CREATE TABLE ops.hosts (
    host text PRIMARY KEY,
    next_request_at timestamptz,
    blocked_until timestamptz
);
