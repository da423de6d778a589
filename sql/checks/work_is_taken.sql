-- warning: a row has been due for fifteen minutes; is the DAG of its stage paused?
SELECT work.stage, count(*) AS rows, min(work.due_at) AS oldest
FROM ops.work AS work
WHERE work.due_at < now() - interval '15 minutes' AND work.leased_until IS NULL
GROUP BY work.stage;
