"""How large a warehouse is, and how fast analysts are answered: marts, examples, searches, rollups, exports.

    python bench/warehouse.py FOLDER [--rows 1000000] [--searches 200]

In FOLDER a PostgreSQL of its own is filled by COPY with fourteen months of made-up articles (bench/press.py), with the settings of
the embedded server but for durability; it is gone afterwards. A million needs 12 GB and half an hour. Sizes count what stays for
ever; fingerprints, features of stories and logs are kept for weeks (docs/operations.md) and are not in them.

Every question is asked as the reader role: once, which reads what it needs from the disk (`first`), then three times with warm
caches, of which the slowest counts. Marts are asked for their newest week,
those without a day as a whole. CPU of a rollup is that of the server's process. Exports run in a process each; what counts is
the peak of its memory at 10,000 and at 100,000 articles. The last line is for comparison between versions.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from press import FEEDS, PUBLISHERS, TOPICS, UNSPACED, Press, terms, words_of

from databases import Warehouse, copied, make_roles, make_template
from newswire.runtime.databases import READER, ROLES
from newswire.runtime.postgres import disposable_postgres
from newswire.steps import release
from newswire.steps.export import FORMATS, export
from newswire.warehouse import admin, marts
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.exports import Source, examples

LOAD = Path(__file__).parent / "warehouse_load.sql"
EXAMPLES = Path(__file__).parents[1] / "sql" / "examples"
ROUNDS = 3
SLOW_S = 120  # a question that takes longer is given up
SERVER = {"shared_buffers": "256MB", "max_wal_size": "4GB"}
FILLED = ("articles", "article_versions", "addresses", "pages", "entries", "search_documents", "text_keys", "duplicates",
          "duplicate_pairs", "stories", "story_members", "article_topics", "article_taggings")  # fmt: skip
SIZES = """
SELECT format('%I.%I', nspname, relname), pg_relation_size(relation.oid), pg_indexes_size(relation.oid), pg_total_relation_size(relation.oid)
FROM pg_class AS relation JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
WHERE nspname IN ('news', 'ops', 'mart') AND relkind = 'r' AND pg_total_relation_size(relation.oid) > 1000000
ORDER BY 4 DESC
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = ANY (%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@dataclass(frozen=True, slots=True)
class Took:
    """What one question took: on the clock, and of the server's CPU."""

    name: str
    seconds: float
    cpu_s: float
    rows: int
    first_s: float


def main() -> int:
    if sys.argv[1:2] == ["--export"]:
        return export_alone(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=200)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    with disposable_postgres(args.folder, **SERVER) as postgres:
        make_roles(postgres)
        with copied(postgres, make_template(postgres)) as warehouse:
            with admin.superuser(postgres.url(database=warehouse.database)) as owner:
                owner.execute("SET statement_timeout = 0")
                load(owner, args.rows)
                size = show_sizes(owner, args.rows)
            return measure(warehouse, args.folder, args.rows, args.searches, size)


def measure(warehouse: Warehouse, folder: Path, rows: int, searches: int, size: float) -> int:
    with connect(warehouse.dsn(), name="bench", statement_timeout=f"{SLOW_S}s") as writer:
        rollup_ms = show_rollups(writer)
    with connect(
        warehouse.dsn(READER), name="bench reader", **{**ROLES[READER], "statement_timeout": f"{SLOW_S}s"}
    ) as reader:
        asked = show("Examples", ask_examples(reader))
        read = show("Marts", ask_marts(reader))
        searched = show_searches(reader, searches)
    grown = show_exports(warehouse, folder, rows)
    print(
        f"warehouse: rows={rows} bytes_per_article={size / rows:.0f} search_p95_ms={percentile(searched, 95):.0f}"
        f" examples_max_ms={percentile(asked, 100):.0f} search_p50_ms={percentile(searched, 50):.0f}"
        f" search_first_p95_ms={1000 * float(np.percentile([one.first_s for one in searched], 95)):.0f} search_p95_cpu_ms={percentile(searched, 95, cpu=True):.0f} examples_max_cpu_ms={percentile(asked, 100, cpu=True):.0f}"
        f" marts_max_ms={percentile(read, 100):.0f} rollup_cpu_ms={rollup_ms:.0f} export_rss_growth={grown:.2f}"
    )
    return 0


# --- Filling -----------------------------------------------------------------------------------------------------------


def load(owner: Conn, rows: int) -> None:
    started = time.perf_counter()
    press = Press(rows, now=datetime.now(UTC))
    print(f"{len(press.pool)} texts written in {time.perf_counter() - started:.0f} s", flush=True)
    owner.execute("SET session_replication_role = replica")  # no triggers and no foreign keys: the rows are consistent
    owner.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
    release.begin(owner, TOPICS)
    started = time.perf_counter()
    indexes = dict(owner.execute(INDEXES, [[f"news.{table}" for table in FILLED]]).fetchall())
    for name in indexes:
        owner.execute(f"DROP INDEX {name}")
    fill(owner, press)
    filled = time.perf_counter()
    for definition in indexes.values():
        owner.execute(definition)
    indexed = time.perf_counter()
    owner.execute("VACUUM ANALYZE")
    took = indexed - started
    print(
        f"loaded in {took:.0f} s ({rows / took:.0f} articles a second), of it {indexed - filled:.0f} s of indexes",
        flush=True,
    )


def fill(owner: Conn, press: Press) -> None:
    numbers = {"rows": press.rows, "feeds": FEEDS, "publishers": PUBLISHERS}
    for statement in re.split(r";\n", LOAD.read_text(encoding="utf-8")):
        if statement.strip():
            owner.execute(statement, numbers)
        if "CREATE UNLOGGED TABLE public.plan" in statement:
            copy(
                owner,
                "public.pool (pool_id, language, text, tags)",
                ((t.pool_id, t.language, t.text, t.tags) for t in press.pool),
            )
            copy(owner, "news.publishers (publisher_id, domain, name, name_from, country, country_from, languages, languages_from)",
                 ((p.publisher_id, p.domain, p.name, "user", p.country, p.country and "user", [p.language], "user") for p in press.publishers))  # fmt: skip
            copy(owner, "public.plan", press.articles())
            owner.execute("ANALYZE public.plan, public.pool, news.publishers")


def copy(owner: Conn, table: str, rows: Iterator[Sequence[object]]) -> None:
    with owner.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copying:  # type: ignore[arg-type]
        for row in rows:
            copying.write_row(row)


def show_sizes(owner: Conn, rows: int) -> float:
    total = 0
    print(f"\n{'table':<28}{'heap MB':>9}{'index MB':>10}{'all MB':>9}{'bytes an article':>18}")
    for name, heap, index, every in owner.execute(SIZES):
        total += every
        print(f"{name:<28}{heap / 1e6:>9.0f}{index / 1e6:>10.0f}{every / 1e6:>9.0f}{every / rows:>18.0f}")
    return float(total)


# --- Asking ------------------------------------------------------------------------------------------------------------


def show_rollups(writer: Conn) -> float:
    """Make all days, then refresh twenty of the newest: the median of the server's CPU for one."""
    [[first, last]] = writer.execute("SELECT min(day), max(day) FROM news.articles").fetchall()
    days = [last - timedelta(days=back) for back in range((last - first).days + 1)]
    started = time.perf_counter()
    for start in range(0, len(days), 20):
        marts.publish(writer, days[start : start + 20])
    each = (time.perf_counter() - started) / len(days)
    server = psutil.Process(writer.info.backend_pid)
    spent = [cpu(server, lambda day=day: marts.publish(writer, [day])) for day in days[1:21]]  # type: ignore[misc]
    print(
        f"\nrollups: {1000 * each:.0f} ms a day of {len(days)}; one day again: median {1000 * median(spent):.0f} ms of CPU, worst {1000 * max(spent):.0f}"
    )
    return 1000 * median(spent)


def cpu(server: psutil.Process, work: Callable[[], None]) -> float:
    before = used(server)
    for _ in range(5):  # the clock of processes has ticks of 10 ms
        work()
    return (used(server) - before) / 5


def ask_examples(reader: Conn) -> Iterator[Took]:
    for name in examples():
        yield ask(reader, name, (EXAMPLES / f"{name}.sql").read_text(encoding="utf-8"))


def ask_marts(reader: Conn) -> Iterator[Took]:
    dated = "SELECT relname, EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'day') FROM pg_class"
    where = " WHERE relnamespace = 'mart'::regnamespace AND relkind IN ('r', 'v') ORDER BY 1"
    for name, has_day in reader.execute(dated + where).fetchall():
        week = f" WHERE day > '{date.today() - timedelta(days=7)}'" if has_day else ""  # noqa: DTZ011
        yield ask(reader, name, f"SELECT * FROM mart.{name}{week}")


def ask(reader: Conn, name: str, question: str, parameters: Sequence[object] = ()) -> Took:
    """The slowest of some times; a question that is given up took as long as it was allowed."""
    server = psutil.Process(reader.info.backend_pid)
    took, spent, rows = [], [], 0
    for _ in range(1 + ROUNDS):
        started, before = time.perf_counter(), used(server)
        try:
            rows = len(reader.execute(question, parameters or None).fetchall())  # type: ignore[arg-type]
        except psycopg.Error as error:
            print(f"  {name}: {error}")
            return Took(name, SLOW_S, SLOW_S, 0, SLOW_S)
        took.append(time.perf_counter() - started)
        spent.append(used(server) - before)
        if took[-1] > 10:
            break
    return Took(name, max(took[1:] or took), max(spent[1:] or spent), rows, took[0])


def used(server: psutil.Process) -> float:
    return float(sum(server.cpu_times()[:2]))


def show(title: str, asked: Iterator[Took]) -> list[Took]:
    print(f"\n{title:<40}{'ms':>9}{'CPU ms':>9}{'rows':>9}{'first ms':>10}", flush=True)
    every = []
    for one in asked:
        every.append(one)
        print(
            f"  {one.name:<38}{1000 * one.seconds:>9.0f}{1000 * one.cpu_s:>9.0f}{one.rows:>9}{1000 * one.first_s:>10.0f}",
            flush=True,
        )
    for share in (50, 95):
        print(f"  {f'{share} %':<38}{percentile(every, share):>9.0f}{percentile(every, share, cpu=True):>9.0f}")
    return every


def percentile(asked: Sequence[Took], share: float, *, cpu: bool = False) -> float:
    """Milliseconds."""
    return 1000 * float(np.percentile([one.cpu_s if cpu else one.seconds for one in asked], share))


# --- Searching ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Search:
    kind: str
    query: str
    narrowed: dict[str, object]


def show_searches(reader: Conn, count: int) -> list[Took]:
    found: dict[str, list[Took]] = {}
    for search in mix(count):
        names = ", ".join(f"{name} => %s" for name in search.narrowed)
        question = f"SELECT * FROM mart.search_articles(%s{', ' * bool(names)}{names})"
        took = ask(reader, search.query, question, [search.query, *search.narrowed.values()])
        found.setdefault(search.kind, []).append(took)
    print(
        f"\n{'Searches':<32}{'number':>8}{'50 % ms':>9}{'95 % ms':>9}{'CPU 95 %':>9}{'most ms':>9}{'empty':>7}  the slowest"
    )
    for kind, asked in sorted(found.items()):
        slowest = max(asked, key=lambda one: one.seconds)
        figures = f"{percentile(asked, 50):>9.0f}{percentile(asked, 95):>9.0f}{percentile(asked, 95, cpu=True):>9.0f}{percentile(asked, 100):>9.0f}"
        print(f"  {kind:<30}{len(asked):>8}{figures}{sum(one.rows == 0 for one in asked):>7}  {slowest.name}")
    return [one for asked in found.values() for one in asked]


def mix(count: int) -> Iterator[Search]:
    """What people ask: mostly words of middling frequency; every second time in all languages at once."""
    random = np.random.default_rng(5)
    languages = ["en"] * 6 + ["es", "de", "fr", "ru", "zh", "pt", "it", "ar", "uk", "ja", "pl", "tr"]
    kinds = (
        ["one word"] * 5
        + ["two words"] * 4
        + ["a phrase"] * 3
        + ["common word"] * 2
        + ["one OR other"] * 2
        + ["word -other"] * 2
        + ["begin*"] * 2
    )
    for n in range(count):
        language, kind = languages[random.integers(len(languages))], kinds[n % len(kinds)]
        words = words_of(language)[0]
        one, other = (words[int(100 * 80 ** random.random())] for _ in "12")  # the 100th to the 8,000th
        narrowed: dict[str, object] = {} if n % 2 else {"languages": [language]}
        if n % 5 == 4:
            narrowed["since"] = datetime.now(UTC) - timedelta(days=30)
        if n % 10 == 7:
            narrowed["topics"] = ["ukraine-negotiations", "us-china-trade"]
        if n % 10 == 3:
            narrowed["originals_only"] = True
        query = {
            "one word": one,
            "two words": f"{one} {other}",
            "a phrase": f'"{(terms("us-china-trade", language) or terms("us-china-trade", "en"))[0]}"',
            "common word": words[int(random.integers(60, 100))],
            "one OR other": f"{one} OR {other}",
            "word -other": f"{one} -{other}",
            "begin*": one if language in UNSPACED else f"{one[:5]}*",
        }[kind]
        yield Search(f"{kind}{'' if 'languages' in narrowed else ', every language'}", query, narrowed)


# --- Exporting ---------------------------------------------------------------------------------------------------------


def show_exports(warehouse: Warehouse, folder: Path, rows: int) -> float:
    """Each format in a process of its own; how much more memory ten times the articles need at their peak."""
    few, many = (min(rows // 10, 10_000), min(rows, 100_000))
    print(f"\nExports{'':<23}{few:>9} MB{many:>9} MB  seconds")
    growth = []
    for format_ in FORMATS:
        peaks, seconds = [], 0.0
        for count in (few, many):
            to = folder / f"articles-{count}.{format_}"
            started = time.perf_counter()
            done = subprocess.run([sys.executable, __file__, "--export", warehouse.dsn(READER), format_, str(to), str(count)],
                                  check=True, capture_output=True, text=True)  # fmt: skip
            seconds = time.perf_counter() - started
            peaks.append(float(done.stdout))
            to.unlink()
        growth.append(peaks[1] / peaks[0])
        print(f"  {format_:<28}{peaks[0]:>12.0f}{peaks[1]:>12.0f}{seconds:>9.1f}")
    return max(growth)


def export_alone(dsn: str, format_: str, to: str, count: str) -> int:
    """Export about so many of the newest articles and print the peak of memory in MB."""
    with connect(dsn, name="bench export", statement_timeout="0") as conn:
        [[since]] = conn.execute(
            "SELECT max(day) FROM (SELECT day, sum(count(*)) OVER (ORDER BY day DESC) AS so_far FROM news.articles GROUP BY day) AS days"
            " WHERE so_far >= %s", [count]
        ).fetchall()  # fmt: skip
        export(conn, Source(kind="mart", name="articles", since=since), to=to, format_=format_)
    status = Path("/proc/self/status").read_text()  # the peak of getrusage would be the parent's, from the fork
    print(int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024)
    return 0


if __name__ == "__main__":
    sys.exit(main())
