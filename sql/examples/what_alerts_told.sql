-- What did alerts tell this week, of which articles, and did it arrive?
-- A notice without a message waits for its digest, the end of the quiet hours or its turn.
SELECT notice.found_at, notice.alert, notice.title, notice.sentence, sent.channel, coalesce(sent.state, 'waiting') AS state, sent.took_s
FROM mart.alert_notices AS notice
LEFT JOIN mart.alerts AS sent USING (webhook_id)
WHERE notice.day > now()::date - 7
ORDER BY notice.found_at DESC, sent.channel;
