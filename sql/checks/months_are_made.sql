-- warning: log rows lie in the default partition; run ops.make_months() before their month begins
SELECT 'ops.polls' AS log, count(*) AS rows FROM ops.polls_other HAVING count(*) > 0
UNION ALL
SELECT 'ops.fetches', count(*) FROM ops.fetches_other HAVING count(*) > 0;
