-- warning: articles are grouped by a rule that readers do not see yet; `newswire copy-rule show` compares both, `switch` puts it in force
SELECT rule.in_force, known.signature, count(*) AS articles
FROM ops.copy_rule AS rule
JOIN news.text_keys AS known ON known.signature > rule.in_force
GROUP BY rule.in_force, known.signature;
