-- Questions to Airflow's own database, for `newswire doctor`: they are answered when no program of Airflow is alive, too.
-- Its tables are no public interface; tests/operating/ asks each of them of the pinned version.

-- name: signs_of_life
-- When each kind of program last gave one.
SELECT job.job_type, extract(epoch FROM now() - max(job.latest_heartbeat))::float AS ago_s
FROM job
WHERE job.job_type IN ('SchedulerJob', 'TriggererJob', 'DagProcessorJob')
GROUP BY job.job_type;

-- name: import_errors
SELECT broken.filename, broken.stacktrace
FROM import_error AS broken
ORDER BY broken.filename;

-- name: dags
-- What was parsed, whether it is paused, and from which file.
SELECT dag.dag_id, dag.is_paused, coalesce(dag.relative_fileloc, '') AS file
FROM dag
WHERE NOT dag.is_stale
ORDER BY dag.dag_id;

-- name: pools
SELECT pool.pool, pool.slots
FROM slot_pool AS pool
ORDER BY pool.pool;

-- name: connections
-- With what is encrypted, to see whether the key opens it.
SELECT known.conn_id, known.password, known.extra, known.is_encrypted, known.is_extra_encrypted
FROM connection AS known
ORDER BY known.conn_id;

-- name: version
-- The state of the schema: an identifier of Airflow's migrations.
SELECT alembic_version.version_num FROM alembic_version;
