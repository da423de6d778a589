-- Texts that are not kept for ever: what was emptied stays as title, digest, tags and keys, and is not read or judged again.
ALTER TABLE news.article_versions ADD emptied_at timestamptz;
