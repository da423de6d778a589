-- error: a push that was kept has neither work nor a dead letter, so that nobody will read it
-- The row and its work are written in one statement; whoever removed one of them broke the chain.
SELECT push.push_id, push.feed_id, push.at
FROM ops.pushes AS push
WHERE push.outcome IS NULL
    AND NOT EXISTS (SELECT FROM ops.work AS work WHERE work.stage = 'push' AND work.key = push.push_id)
    AND NOT EXISTS (SELECT FROM ops.dead_letters AS letter WHERE letter.stage = 'push' AND letter.key = push.push_id);
