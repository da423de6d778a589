-- name: price -> Price
-- The price of a poll as it was last set, and the polls of the last hour. Locked: one worker sets the next.
SELECT budget.price,
    extract(epoch FROM statement_timestamp() - budget.set_at)::float AS age_s,
    (SELECT count(*) FROM ops.polls AS poll WHERE poll.at >= statement_timestamp() - interval '1 hour')::integer AS polls
FROM ops.budget AS budget
FOR UPDATE OF budget;

-- name: set_price
INSERT INTO ops.budget AS budget (price, polls_per_minute)
VALUES (%(price)s::float, %(polls_per_minute)s::float)
ON CONFLICT (only_row) DO UPDATE
SET price = excluded.price, polls_per_minute = excluded.polls_per_minute, set_at = statement_timestamp();
