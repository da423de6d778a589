-- error: a message of an alert is neither sent, nor on its way, nor a dead letter
SELECT alert.alert, alert.webhook_id, alert.channel
FROM mart.alerts AS alert
JOIN ops.alert_messages AS message USING (webhook_id)
JOIN ops.alert_deliveries AS delivery ON delivery.message_id = message.message_id AND delivery.place = alert.channel
WHERE alert.state = 'pending'
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'send' AND work.key = delivery.delivery_id);
