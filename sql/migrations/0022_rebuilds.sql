-- What each rebuild of a day came to, with samples of what it changed: the log that people look at afterwards.
CREATE TABLE ops.rebuilds (
    rebuild_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    day date NOT NULL,
    stage text NOT NULL,
    asked_by text NOT NULL,
    scope jsonb NOT NULL,
    dry_run boolean NOT NULL,
    seen integer NOT NULL,
    changed integer NOT NULL,
    unchanged integer NOT NULL,
    failed integer NOT NULL,
    changes jsonb NOT NULL
);
CREATE INDEX rebuilds_day ON ops.rebuilds (day, at);
