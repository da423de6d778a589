-- What each feed's last document gave, item by item: items that were read before are not read again.
CREATE TABLE news.feed_memories (
    feed_id bigint PRIMARY KEY REFERENCES news.feeds ON DELETE CASCADE,
    context bytea NOT NULL,
    item_digests bytea NOT NULL,
    entry_keys bytea NOT NULL,
    read_whole_at timestamptz NOT NULL DEFAULT now()
);
