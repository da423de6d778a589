"""How long the health of all feeds takes to read, on a PostgreSQL of its own.

    python bench/health.py [feeds] [polls a day] [entries a day]

A month of polls and entries is written as polls write them, so that the books by day are those that triggers keep. One feed in
twenty fails, one in twenty has been silent for a week. The last line is for comparison between versions.
"""

import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from databases import copied, make_roles, make_template
from newswire.records import Subscription
from newswire.runtime.postgres import disposable_postgres
from newswire.warehouse import admin, feeds
from newswire.warehouse.connection import Conn, connect

DAYS = 30
POLLS = """
INSERT INTO ops.polls (at, feed_id, outcome, status, new_entries, revised_entries, wire_bytes, overflowed)
SELECT now() - make_interval(days => %(day)s, secs => n * 86400.0 / %(a_day)s), feed_id,
    CASE WHEN n %% 4 = 0 THEN 'changed' ELSE 'unchanged' END, CASE WHEN n %% 4 = 0 THEN 200 ELSE 304 END, 0, 0,
    CASE WHEN n %% 4 = 0 THEN 20000 ELSE 0 END, feed_id %% 100 = 0 AND n = 0
FROM news.feeds CROSS JOIN generate_series(0, %(a_day)s - 1) AS n
"""
ENTRIES = """
INSERT INTO news.entries (feed_id, entry_key, authors, published_at, date_quality, content_sha256, first_seen_at)
SELECT feed_id, int8send(feed_id * 1000000 + %(day)s * 1000 + n), '{}', at, 'exact', '', at + interval '9 minutes'
FROM news.feeds CROSS JOIN generate_series(0, %(a_day)s - 1) AS n
CROSS JOIN LATERAL (SELECT now() - make_interval(days => %(day)s, secs => (n + random()) * 86400.0 / %(a_day)s)) AS made (at)
WHERE feed_id %% 20 <> 1 OR %(day)s >= 8
"""
STATE = """
UPDATE news.feeds
SET last_polled_at = now(), created_at = now() - interval '40 days', last_outcome = 'unchanged', last_success_at = now(),
    failures = (feed_id % 20 = 0)::integer, failing_since = CASE WHEN feed_id % 20 = 0 THEN now() END
"""


def main() -> int:
    count, polls, entries = (int(text) for text in [*sys.argv[1:], *("20000", "14", "3")[len(sys.argv) - 1 :]])
    with disposable_postgres() as postgres:
        make_roles(postgres)
        with copied(postgres, make_template(postgres)) as made, connect(made.dsn(), name="bench") as conn:
            prepare(conn, count, polls, entries)
            with admin.superuser(postgres.url(database=made.database)) as owner:
                owner.execute("VACUUM ANALYZE")
            return measure(conn, count)


def prepare(conn: Conn, count: int, polls: int, entries: int) -> None:
    urls = [f"https://host{n % 4001}.example/{n}" for n in range(count)]
    for start in range(0, count, 2000):
        feeds.subscribe(conn, [Subscription(url=url) for url in urls[start : start + 2000]], interval_s=3600)
    conn.execute(STATE)
    for day in range(DAYS):
        conn.execute(POLLS, {"day": day, "a_day": polls})
        conn.execute(ENTRIES, {"day": day, "a_day": entries})


def measure(conn: Conn, count: int) -> int:
    print("\n".join(line for (line,) in conn.execute("EXPLAIN ANALYZE SELECT * FROM mart.feed_health")))
    took = []
    for _ in range(5):
        started = time.perf_counter()
        found = feeds.health(conn)
        took.append(time.perf_counter() - started)
    states = {state: sum(one.state == state for one in found) for state in ("good", "failing", "silent")}
    print(
        f"health: feeds={count} all_s={median(took):.2f} " + " ".join(f"{key}={value}" for key, value in states.items())
    )
    return 0 if median(took) < 1 else 1


if __name__ == "__main__":
    sys.exit(main())
