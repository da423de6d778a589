-- What each check found when it was last asked: people and alerts look here between two runs, and dear checks wait their hour.
CREATE TABLE ops.checks (
    name text PRIMARY KEY,
    severity text NOT NULL CHECK (severity IN ('error', 'warning')),
    why text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    rows bigint NOT NULL,
    sample jsonb NOT NULL,
    wrong_since timestamptz,
    CONSTRAINT wrong_has_rows CHECK ((rows > 0) = (wrong_since IS NOT NULL))
);
