-- warning: an alert file cannot be used; the last good version stays in force
SELECT alert.name, alert.problem
FROM ops.alerts AS alert
WHERE alert.problem IS NOT NULL;
