-- What failed for good, and what makes it work again?
-- By stage and cause, with the command that replays it.
SELECT letter.stage, letter.cause, count(*) AS letters, min(letter.first_at) AS first_at, max(letter.last_at) AS last_at,
    min(letter.detail) AS for_example, letter.replay
FROM mart.dead_letters AS letter
GROUP BY letter.stage, letter.cause, letter.replay
ORDER BY letters DESC;
