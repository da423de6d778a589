"""Newsroom articles grouped by a running Airflow, then their days rebuilt: `make bench-copies-live ARTICLES=20000`.

The whole system, in a home of its own that is removed at the end. The delay of an article is the time between two commits: of the
transaction that stored its text, and of the one that decided whom it repeats and in which story it is. All articles are there
from the start, so that every stage has all it can do. Then everything that was decided is forgotten, and the DAG `rebuild_day` makes
it again from the stored texts, in another order and in other batches: pairs, copies and stories must be the same. Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from pages import POLL_S, generated, used_s

from copies import state
from newswire.core.urls import address_key
from newswire.records import Progress
from newswire.runtime.databases import OWNER, warehouse_url
from newswire.runtime.home import read_json
from newswire.warehouse import feeds, reports
from newswire.warehouse.connection import Conn, connect
from pipeline.conftest import System, eventually

WITHIN_S = 5400
LOOK_S = 5
NEAR_COPIES = 0.05  # of the articles, besides a tenth that repeats another word for word

# text_keys is written by the transaction that groups an article, article_versions by the one that stored the version.
DELAYS = """
SELECT percentile_cont(ARRAY[0.5, 0.95, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM
    pg_xact_commit_timestamp(known.xmin) - pg_xact_commit_timestamp(version.xmin)))
FROM news.text_keys AS known
JOIN news.article_versions AS version USING (version_id)
"""
FORGET = """
TRUNCATE news.fingerprints, news.text_keys, news.hot_anchors, news.duplicate_pairs, news.duplicates,
    news.story_features, news.story_links, news.story_members, news.stories, news.story_aliases
"""
FULL = "SELECT count(*) FROM news.story_features WHERE earlier > 200"


@dataclass(frozen=True)
class Decided:
    """What was decided, and a digest of it."""

    rows: dict[str, list[tuple]]

    @property
    def digest(self) -> str:
        return hashlib.md5(repr(sorted(self.rows.items())).encode()).hexdigest()

    def __str__(self) -> str:
        return ", ".join(f"{len(rows)} {name}" for name, rows in self.rows.items()) + f": {self.digest}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    settings = {"track_commit_timestamp": "on"}
    with generated(arguments.articles, arguments.seed, near_copies=NEAR_COPIES, postgres=settings) as system:
        live_s, cpu_s = live(system)
        with system.connect() as conn:
            delays, before = delays_s(conn), Decided(state(conn))
            [full] = conn.execute(FULL).fetchone() or (0,)
            wrong = wrong_copies(system, before)
            print(
                f"live: {before}; {full} with more than 200 neighbours; copies not as published: {len(wrong)}",
                flush=True,
            )
            print("\n".join(f"  {one}" for one in wrong[:10]))
            rebuilt_s = rebuild(system)
            after = Decided(state(conn))
        print(f"rebuilt: {after}", flush=True)
        show_differences(before, after)
        articles = arguments.articles
        print(
            f"copies-live: articles={articles} live_s={live_s:.0f} ms_cpu_an_article={1000 * cpu_s / articles:.0f}"
            f" group_median_s={delays[0]:.1f} group_p95_s={delays[1]:.1f} group_worst_s={delays[2]:.1f}"
            f" pairs={len(before.rows['pairs'])} copies={len(before.rows['copies'])} wrong_copies={len(wrong)}"
            f" stories={len({story for _, story, _ in before.rows['stories']})} rebuild_s={rebuilt_s:.0f}"
            f" same={before.digest == after.digest} hash={before.digest}"
        )
    return int(before.digest != after.digest)


def live(system: System) -> tuple[float, float]:
    """From the subscription until nothing is in work: seconds, and CPU seconds of everything but the newsroom."""
    expected = sum(row["outcome"] == "article" for row in system.newsroom.ledger())
    used, started = used_s(system), time.monotonic()
    with system.connect() as conn:
        feeds.subscribe(conn, system.newsroom.subscriptions(), interval_s=POLL_S)

    def is_done() -> bool:
        time.sleep(LOOK_S)
        counts = progress(system, started)
        return counts.articles >= expected and counts.in_work == 0

    eventually(is_done, within_s=WITHIN_S)
    seconds = time.monotonic() - started
    cpu_s = {name: now_s - used.get(name, 0) for name, now_s in used_s(system).items()}
    print("  CPU s: " + ", ".join(f"{name} {one_s:.0f}" for name, one_s in cpu_s.items()), flush=True)
    return seconds, sum(cpu_s.values())


def progress(system: System, started: float) -> Progress:
    with system.connect() as conn:
        counts = reports.progress(conn)
    print(
        f"  {time.monotonic() - started:5.0f} s  pages {counts.pages:6}  articles {counts.articles:6}"
        f"  in work {counts.in_work:6}  dead {counts.dead}",
        flush=True,
    )
    return counts


def delays_s(conn: Conn) -> tuple[float, float, float]:
    """Median, 95th percentile and the longest."""
    [(median, most, worst)] = conn.execute(DELAYS).fetchone() or [(0, 0, 0)]
    return median, most, worst


def wrong_copies(system: System, decided: Decided) -> list[str]:
    """What was not told from its original, or told wrongly, by the newsroom's own book."""
    found = {address_key(copy): address_key(original) for copy, original, *_ in decided.rows["copies"]}
    articles = [row for row in system.newsroom.ledger() if row["outcome"] == "article"]
    originals = {row["url"]: row["duplicate_of"] or row["near_duplicate_of"] for row in articles}
    return [
        f"{url}: published as {f'a copy of {original}' if original else 'an original'}"
        for url, original in originals.items()
        if found.get(address_key(url)) != (address_key(original) if original else None)
    ]


def rebuild(system: System) -> float:
    """Forget what was decided and have Airflow make it again, from grouping on; returns the seconds."""
    started = time.monotonic()
    port = read_json(system.home.ports)["postgres"]
    with connect(warehouse_url(system.home, port=port, role=OWNER), name="bench") as owner:
        owner.execute(FORGET)
        days = [str(day) for (day,) in owner.execute("SELECT DISTINCT day FROM news.articles ORDER BY day")]
    for day in days:
        form = {"partition_key": day, "conf": {"from_stage": "group", "force": True}}
        run = system.run_dag("rebuild_day", **form)
        eventually(lambda run=run: system.run_state("rebuild_day", run) in ("success", "failed"), within_s=WITHIN_S)
        print(f"  {day} rebuilt: {system.run_state('rebuild_day', run)}", flush=True)
    return time.monotonic() - started


def show_differences(before: Decided, after: Decided) -> None:
    for name in before.rows:
        was, now = set(before.rows[name]), set(after.rows[name])
        if was != now:
            print(f"{name} differ: {len(was - now)} lost, {len(now - was)} won")
            for sign, rows in (("-", was - now), ("+", now - was)):
                print("\n".join(f"  {sign} {row}" for row in sorted(rows, key=repr)[:5]))


if __name__ == "__main__":
    sys.exit(main())
