-- name: record
-- A run that is not done by its deadline; told twice it is one. What is older than a month goes.
WITH old AS (
    DELETE FROM ops.late_runs AS late WHERE late.noticed_at < now() - interval '35 days'
)
INSERT INTO ops.late_runs (dag_id, run_id, needed_by)
VALUES (%(dag_id)s::text, %(run_id)s::text, %(needed_by)s::timestamptz)
ON CONFLICT (dag_id, run_id) DO NOTHING;
