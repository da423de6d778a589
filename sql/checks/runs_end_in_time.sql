-- warning: a run passed its deadline within the last hour; its page in Airflow shows the task it waits for, or its DAG was paused under it
SELECT late.dag_id, late.run_id, late.needed_by
FROM ops.late_runs AS late
WHERE late.noticed_at > now() - interval '1 hour'
ORDER BY late.noticed_at DESC;
