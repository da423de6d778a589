-- warning: a row has been leased for ten minutes after its lease ran out; nobody drains this stage
SELECT work.stage, work.key, work.leased_until, work.attempts
FROM ops.work AS work
WHERE work.leased_until < now() - interval '10 minutes';
