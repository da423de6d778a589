-- warning: feeds are due, but none was read in the last 15 minutes
SELECT count(*) AS feeds_due, min(work.due_at) AS oldest
FROM ops.work AS work
WHERE work.stage = 'poll' AND work.due_at < now() - interval '15 minutes'
    AND NOT EXISTS (
        SELECT FROM ops.polls AS poll
        WHERE poll.at > now() - interval '15 minutes' AND poll.outcome IN ('changed', 'unchanged'))
HAVING count(*) > 0;
