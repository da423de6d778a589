"""What the group step costs for an article, with many stored ones: the real step, a PostgreSQL of its own.

    python bench/group.py [100000 1000000 ...]

For each number, so many made-up fingerprints are stored, 17,000 a day, and articles are grouped that come in on their last
day: in each window some 25 stored ones share one anchor with an article, and some 12 share enough to be compared. Of the last 14
days what stories are found by is stored too, all of one language. CPU is that of this process and of the server's, for an article,
reading included; fingerprinting and placing in stories are told apart. The same with a server that was never analysed shows
whether the plans depend on statistics. The last line is for comparison between versions.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from copies import BEGINNING, Piece, Press, Text, publish
from databases import Warehouse, copied, make_roles, make_template
from newswire.core.fingerprints import SIGNATURE_VERSION, fingerprint
from newswire.core.stories import STORY_RULE, Frequencies, frequencies_of_words, story_features
from newswire.records import StepReport, StoryArticle
from newswire.runtime.postgres import Postgres, disposable_postgres
from newswire.steps import stories as step
from newswire.steps.draining import Batches, drain
from newswire.steps.group import BATCH, group
from newswire.warehouse import admin, stories
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
# Of two texts each, so that none is there twice.
FEATURES = """
INSERT INTO news.story_features (
    story_version, article_id, version_id, url, language, at, key_terms, rare_terms, features, earlier, enough
)
SELECT %(story_version)s, n - %(count)s, n - %(count)s, 'https://stored.example/' || n, 'und',
    %(last)s::timestamptz - (%(count)s - n) * interval '1 day' / %(a_day)s, made.key_terms,
    ARRAY(SELECT term FROM unnest(made.key_terms) AS term WHERE term = ANY (one.rare_terms || other.rare_terms)),
    one.features, 0, 0
FROM generate_series(greatest(0, %(count)s - 14 * %(a_day)s), %(count)s - 1) AS n
JOIN told AS one ON one.number = n %% (SELECT count(*) FROM told)
JOIN told AS other ON other.number = n / 7 %% (SELECT count(*) FROM told)
CROSS JOIN LATERAL (SELECT one.key_terms[1:16] || other.key_terms[17:32] AS key_terms) AS made
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
    stories_client_ms: float
    stories_server_ms: float

    @property
    def grouping_ms(self) -> float:
        return self.client_ms + self.server_ms - self.fingerprint_ms - self.stories_ms

    @property
    def stories_ms(self) -> float:
        return self.stories_client_ms + self.stories_server_ms

    def __str__(self) -> str:
        return (
            f"CPU ms an article: fingerprint {self.fingerprint_ms:.2f}, grouping {self.grouping_ms:.2f} (server"
            f" {self.server_ms - self.stories_server_ms:.2f}), stories {self.stories_ms:.2f} (server {self.stories_server_ms:.2f})"
        )


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
    table = frequencies_of_words("und", press.frequencies())
    with (
        admin.superuser(postgres.url(database=warehouse.database)) as owner,
        connect(warehouse.dsn(), name="b") as conn,
    ):
        stories.save_frequencies(conn, step.WORD_LISTS, table)
        fill(owner, texts, table, count=count, last=last)
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
        yield f"fingerprint_ms_{label}={rounds['analysed'].fingerprint_ms:.2f} stories_ms_{label}={rounds['analysed'].stories_ms:.2f}"
        yield f"bytes_{label}={size / count:.0f} jit_{label}={'off in the step' if jit else 'none'}"


SIZE = """
SELECT sum(pg_total_relation_size(inhrelid))::bigint + pg_total_relation_size('news.text_keys')
FROM pg_inherits WHERE inhparent = 'news.fingerprints'::regclass
"""


def fill(owner: Conn, texts: list[Text], table: Frequencies, *, count: int, last: datetime) -> None:
    """Stored articles without texts and addresses: nothing in the step reads those of others."""
    owner.execute("SET session_replication_role = replica")
    owner.execute("SET statement_timeout = 0")
    columns = "number integer, words integer, anchors integer[], sketch integer[], cut integer, title integer[], numbers integer[], opening smallint[]"
    for name, some in (("fresh", texts[: 2 * FRESH]), ("sample", texts[2 * FRESH :])):
        owner.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
        for number, text in enumerate(some):
            p = fingerprint(text.title, text.text)
            arrays = [list(one) for one in (p.anchors, p.sketch, p.title, p.numbers, p.opening)]
            row = (number, p.words, *arrays[:2], p.cut, *arrays[2:])
            owner.execute(f"INSERT INTO {name} VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", row)
    owner.execute(
        "CREATE TEMPORARY TABLE told (number integer, key_terms integer[], rare_terms integer[], features json)"
    )
    for number, text in enumerate(texts[2 * FRESH :]):
        told = story_features(
            StoryArticle(
                article_id=0,
                version_id=0,
                url="",
                title=text.title,
                text=text.text,
                language="und",
                at=last,
                is_copy=False,
            ),
            table,
        )
        row = (number, list(told.key_terms), list(told.rare_terms), stories.as_json(told))
        owner.execute("INSERT INTO told VALUES (%s, %s, %s, %s)", row)
    days = "SELECT ops.open_weeks(array_agg(DISTINCT %s::date - n), 7) FROM generate_series(0, %s) AS n"
    owner.execute(days, [last, count // A_DAY + 1])
    owner.execute(FILL, {"signature": SIGNATURE_VERSION, "last": last, "a_day": A_DAY, "count": count})
    asked = {"story_version": f"{STORY_RULE} {step.WORD_LISTS}", "last": last, "a_day": A_DAY, "count": count}
    owner.execute(FEATURES, asked)
    owner.execute(ARTICLES)
    owner.execute(KEYS)
    owner.execute("SET session_replication_role = origin")


def group_all(conn: Conn, name: str, texts: list[Text], at: object) -> Cost:
    pieces = [Piece(f"https://{name}.example/{n}", at, (text,)) for n, text in enumerate(texts)]
    publish(conn, [(piece, 0) for piece in pieces])
    server = psutil.Process(conn.info.backend_pid)
    with timed(server) as cost, placing_timed(server) as placing:
        asked = partial(group, publish_delay_s=3600)
        report = drain(Batches("group", conn, asked, limit=BATCH), conn, linger_s=0, cap_s=600)
    assert report.seen == len(texts), report
    with timed(server) as alone:
        for text in texts:
            fingerprint(text.title, text.text)
    client, own, made, *told = (1000 * seconds / len(texts) for seconds in (*cost, alone[0], *placing))
    return Cost(
        client_ms=client, server_ms=own, fingerprint_ms=made, stories_client_ms=told[0], stories_server_ms=told[1]
    )


@contextmanager
def placing_timed(server: psutil.Process) -> Iterator[list[float]]:
    """CPU seconds, as `timed`, of placing in stories alone."""
    total, place = [0.0, 0.0], step.place

    def placed(conn: Conn, article_ids: Collection[int]) -> StepReport:
        with timed(server) as cost:
            report = place(conn, article_ids)
        total[:] = [before + more for before, more in zip(total, cost, strict=True)]
        return report

    step.place = placed
    yield total
    step.place = place


@contextmanager
def timed(server: psutil.Process) -> Iterator[list[float]]:
    """CPU seconds of this process and of the server's, once the block is left."""
    cost = [0.0, 0.0]
    before = time.process_time(), sum(server.cpu_times()[:2])
    yield cost
    cost[:] = [time.process_time() - before[0], sum(server.cpu_times()[:2]) - before[1]]


if __name__ == "__main__":
    sys.exit(main())
