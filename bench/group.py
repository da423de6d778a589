"""What the group step costs for an article, with many stored ones: the real step, a PostgreSQL of its own.

    python bench/group.py [100000 1000000 ...]

For each number, so many made-up fingerprints are stored, 17,000 a day, and articles are grouped that come in on their last
day: in each window some 25 stored ones share one anchor with an article, and some 12 share enough to be compared. CPU is that of
this process and of the server's, for an article, reading included; fingerprinting is told apart. The same with a server that was
never analysed shows whether the plans depend on statistics. The last line is for comparison between versions.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from copies import BEGINNING, Piece, Press, Text, publish
from databases import Warehouse, copied, make_roles, make_template
from newswire.core.fingerprints import SIGNATURE_VERSION, fingerprint
from newswire.runtime.postgres import Postgres, disposable_postgres
from newswire.steps.draining import Batches, drain
from newswire.steps.group import BATCH, group
from newswire.warehouse import admin
from newswire.warehouse.connection import Conn, connect

A_DAY = 17_000
FRESH = 1_000  # articles that are grouped and measured
WORDS = 260  # of an article: their sketches are as long as those of the labelled pairs (220 numbers)

# Every twentieth row shares three anchors with a fresh article, every tenth shares one.
FILL = """
INSERT INTO news.fingerprints
SELECT n - %(count)s, n - %(count)s, %(signature)s, %(last)s::date - ((%(count)s - n) / %(a_day)s)::integer, true, 1, %(last)s::timestamptz, sample.words,
    decode(lpad(to_hex(n), 32, '0'), 'hex'),
    (SELECT array_agg((random() * 4294967295 - 2147483648)::integer) FROM generate_series(1, 22) WHERE n IS NOT NULL)
        || CASE n %% 20 WHEN 0 THEN fresh.anchors[1:3] WHEN 1 THEN fresh.anchors[4:4] WHEN 11 THEN fresh.anchors[5:5] ELSE '{}' END,
    sample.sketch, sample.cut, sample.title, sample.numbers, sample.opening
FROM generate_series(0, %(count)s - 1) AS n
JOIN sample ON sample.number = n %% (SELECT count(*) FROM sample)
JOIN fresh ON fresh.number = n / 20 %% (SELECT count(*) FROM fresh)
"""
ARTICLES = """
INSERT INTO news.articles (
    article_id, address_id, url, publisher_id, current_version_id, first_seen_at, seen_by, published_at, at, day
) OVERRIDING SYSTEM VALUE
SELECT article_id, article_id, 'https://stored.example/' || article_id, 1, version_id, at, 'live', at, at, day
FROM news.fingerprints
"""
KEYS = """
INSERT INTO news.text_keys (article_id, signature, version_id, text_key, words)
SELECT article_id, signature, version_id, text_key, words FROM news.fingerprints
"""


@dataclass(frozen=True)
class Cost:
    """CPU of the step for an article, in milliseconds, and how many pairs were compared and found."""

    client_ms: float
    server_ms: float
    fingerprint_ms: float  # of the client's

    @property
    def total_ms(self) -> float:
        return self.client_ms + self.server_ms

    @property
    def grouping_ms(self) -> float:
        return self.total_ms - self.fingerprint_ms

    def __str__(self) -> str:
        parts = f"fingerprint {self.fingerprint_ms:.2f}, other client {self.client_ms - self.fingerprint_ms:.2f}"
        return f"{self.total_ms:.2f} ms CPU an article ({parts}, server {self.server_ms:.2f})"


def main() -> int:
    counts = [int(argument) for argument in sys.argv[1:]] or [100_000]
    found = []
    with disposable_postgres() as postgres:
        make_roles(postgres)
        template = make_template(postgres)
        for count in counts:
            with copied(postgres, template) as warehouse:
                found += list(measure(postgres, warehouse, count))
    print("group: " + " ".join(found))
    return 0


def measure(postgres: Postgres, warehouse: Warehouse, count: int) -> Iterator[str]:
    last = BEGINNING + timedelta(days=70)
    press = Press(11, words=WORDS)
    texts = [press.original() for _ in range(3 * FRESH)]
    with (
        admin.superuser(postgres.url(database=warehouse.database)) as owner,
        connect(warehouse.dsn(), name="b") as conn,
    ):
        fill(owner, texts, count=count, last=last)
        [size] = owner.execute(SIZE).fetchone() or (0,)
        print(f"{count} stored: {size / count:.0f} bytes an article, index included", flush=True)
        rounds = {}
        for name, some in (("unanalysed", texts[:FRESH]), ("analysed", texts[FRESH : 2 * FRESH])):
            if name == "analysed":
                owner.execute("ANALYZE")
            rounds[name] = group_all(conn, name, some, last)
            print(f"  {name}: {rounds[name]}", flush=True)
        label = f"{count // 1000}k"
        [jit] = conn.execute("SELECT pg_jit_available()").fetchone() or (None,)
        yield f"ms_{label}={rounds['analysed'].grouping_ms:.2f} ms_{label}_unanalysed={rounds['unanalysed'].grouping_ms:.2f}"
        yield f"fingerprint_ms_{label}={rounds['analysed'].fingerprint_ms:.2f}"
        yield f"bytes_{label}={size / count:.0f} jit_{label}={'off in the step' if jit else 'none'}"


SIZE = """
SELECT sum(pg_total_relation_size(inhrelid))::bigint + pg_total_relation_size('news.text_keys')
FROM pg_inherits WHERE inhparent = 'news.fingerprints'::regclass
"""


def fill(owner: Conn, texts: list[Text], *, count: int, last: object) -> None:
    """Stored articles without texts and addresses: nothing in the step reads those of others."""
    owner.execute("SET session_replication_role = replica")
    owner.execute("SET statement_timeout = 0")
    columns = "number integer, words integer, anchors integer[], sketch integer[], cut integer, title integer[], numbers integer[], opening smallint[]"
    for table, some in (("fresh", texts[: 2 * FRESH]), ("sample", texts[2 * FRESH :])):
        owner.execute(f"CREATE TEMPORARY TABLE {table} ({columns})")
        for number, text in enumerate(some):
            p = fingerprint(text.title, text.text)
            arrays = [list(one) for one in (p.anchors, p.sketch, p.title, p.numbers, p.opening)]
            row = (number, p.words, *arrays[:2], p.cut, *arrays[2:])
            owner.execute(f"INSERT INTO {table} VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row)
    days = "SELECT ops.open_weeks(array_agg(DISTINCT %s::date - n), 7) FROM generate_series(0, %s) AS n"
    owner.execute(days, [last, count // A_DAY + 1])
    owner.execute(FILL, {"signature": SIGNATURE_VERSION, "last": last, "a_day": A_DAY, "count": count})
    owner.execute(ARTICLES)
    owner.execute(KEYS)
    owner.execute("SET session_replication_role = origin")


def group_all(conn: Conn, name: str, texts: list[Text], at: object) -> Cost:
    pieces = [Piece(f"https://{name}.example/{n}", at, (text,)) for n, text in enumerate(texts)]
    publish(conn, [(piece, 0) for piece in pieces])
    server = psutil.Process(conn.info.backend_pid)
    with timed(server) as cost:
        step = partial(group, publish_delay_s=3600)
        report = drain(Batches("group", conn, step, limit=BATCH), conn, linger_s=0, cap_s=600)
    assert report.seen == len(texts), report
    with timed(server) as alone:
        for text in texts:
            fingerprint(text.title, text.text)
    client, own, made = (1000 * seconds / len(texts) for seconds in (*cost, alone[0]))
    return Cost(client_ms=client, server_ms=own, fingerprint_ms=made)


@contextmanager
def timed(server: psutil.Process) -> Iterator[list[float]]:
    """CPU seconds of this process and of the server's, once the block is left."""
    cost = [0.0, 0.0]
    before = time.process_time(), sum(server.cpu_times()[:2])
    yield cost
    cost[:] = [time.process_time() - before[0], sum(server.cpu_times()[:2]) - before[1]]


if __name__ == "__main__":
    sys.exit(main())
