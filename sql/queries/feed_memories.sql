-- name: recall -> FeedMemory
-- What a feed's next document may be compared with; nothing when a week has passed since one was read whole.
SELECT memory.context,
    memory.item_digests,
    memory.entry_keys
FROM news.feed_memories AS memory
WHERE memory.feed_id = %(feed_id)s::bigint
    AND memory.read_whole_at > statement_timestamp() - interval '7 days';

-- name: remember
-- Replace what is remembered of feeds, in the transaction that stores the entries it speaks of.
INSERT INTO news.feed_memories AS memory (feed_id, context, item_digests, entry_keys)
SELECT read.feed_id, read.context, read.item_digests, read.entry_keys
FROM unnest(
    %(feed_ids)s::bigint[], %(contexts)s::bytea[], %(item_digests)s::bytea[], %(entry_keys)s::bytea[]
) AS read (feed_id, context, item_digests, entry_keys)
ORDER BY read.feed_id
ON CONFLICT (feed_id) DO UPDATE
SET context = excluded.context,
    item_digests = excluded.item_digests,
    entry_keys = excluded.entry_keys,
    read_whole_at = CASE WHEN memory.feed_id = ANY (%(pruned_ids)s::bigint[]) THEN memory.read_whole_at
        ELSE statement_timestamp() END;
