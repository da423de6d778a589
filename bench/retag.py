"""A topic released over many articles: what it costs, and whether a killed release ends as an undisturbed one does.

    python bench/retag.py [ARTICLES]

On a PostgreSQL of its own: synthetic articles of some 1,200 characters, tagged with the shipped topics and one more, whose
next version changes the tag of every article. One warehouse releases it in one pass; in a copy of it the worker is killed
(SIGKILL) in the middle of the look and again in the middle of the re-tagging, and started again. Compared is a digest of all
tags, their history and the volume by day under natural keys. Times are CPU seconds of the worker and, apart, of PostgreSQL;
memory is the worker's, sampled. The last line is for comparison between versions; ends with status 1 where the two differ.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "plugins"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import psutil
from generated_articles import load

from databases import Warehouse, copied, make_roles, make_template
from newswire.records import StepReport
from newswire.runtime.databases import OWNER
from newswire.runtime.postgres import disposable_postgres
from newswire.steps import publish, release, tag
from newswire.steps.draining import Batches
from newswire.warehouse.connection import Conn, connect

NATURAL = {
    "tags": """SELECT article.url, topic.slug, encode(version.sha256, 'hex'), tag.level, tag.score, tag.evidence
        FROM news.article_topics AS tag JOIN news.topics AS topic USING (topic_id)
        JOIN news.topic_versions AS version ON version.topic_version_id = tag.topic_version_id
        JOIN news.articles AS article USING (article_id)""",
    "history": """SELECT article.url, topic.slug, encode(version.sha256, 'hex'), past.level, past.score, past.evidence
        FROM news.article_topic_history AS past JOIN news.topics AS topic USING (topic_id)
        JOIN news.topic_versions AS version ON version.topic_version_id = past.topic_version_id
        JOIN news.articles AS article USING (article_id)""",
    "looked at": """SELECT article.url, encode(tagging.definitions_sha256, 'hex'), tagging.engine
        FROM news.article_taggings AS tagging JOIN news.articles AS article USING (article_id)""",
    "daily": "SELECT day, topic, language, country, articles, core_articles, all_articles FROM mart.topic_daily",
}
TOPIC = """\
id: grain
name: {{en: Grain}}
description: Grain and what it costs.
approve_above: 1
zones: {{title: {title}}}
groups: {{terms: {{en: [wheat*, barley*]}}}}
rules: [{{count: terms}}]
examples: {{match: [{{lang: en, title: Wheat}}]}}
"""


@dataclass
class Measured:
    """What a pass cost, over all its workers."""

    cpu_s: float = 0.0
    server_s: float = 0.0
    wall_s: float = 0.0
    kills: int = 0
    rss_mb: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """Peak memory to what it was after the first quarter of the pass."""
        return max(self.rss_mb) / self.rss_mb[len(self.rss_mb) // 4] if self.rss_mb else 0.0


def main() -> int:
    if sys.argv[1:2] == ["--work"]:
        return work(sys.argv[2], Path(sys.argv[3]))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with disposable_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        make_roles(postgres)
        config = Path(folder)
        with copied(postgres, make_template(postgres)) as first:
            tagged = prepare(first, config, count)
            write_topic(config, title=6)
            with copied(postgres, first.database) as second:
                clean = one_pass(first, config, [])
                killed = one_pass(second, config, [half_looked_at(count), half_tagged(count)])
                same = report(first, second)
    print(
        f"retag: articles={count} same={same} tag_cpu_s={tagged.cpu_s:.0f}+{tagged.server_s:.0f}"
        f" release_cpu_s={clean.cpu_s:.0f}+{clean.server_s:.0f}"
        f" killed_cpu_s={killed.cpu_s:.0f} kills={killed.kills} cpu_min_for_a_million={1e6 / count * (clean.cpu_s + clean.server_s) / 60:.1f}"
        f" rss_mb={max(clean.rss_mb):.0f} rss_growth={clean.growth:.2f}"
    )
    return 0 if same and killed.kills == 2 else 1


def prepare(warehouse: Warehouse, config: Path, count: int) -> Measured:
    """Articles, tagged with the version before; returns what tagging cost."""
    write_topics(config)
    load(warehouse.postgres.url(database=warehouse.database), count)
    with connect(warehouse.dsn(), name="bench", statement_timeout="30min") as conn:
        conn.execute("SELECT ops.ask('tag', (SELECT array_agg(article_id) FROM news.articles))")
        with connect(warehouse.dsn(OWNER), name="bench owner") as owner:
            owner.execute("ANALYZE")  # as autovacuum does in time
        release.begin(conn, config)
        started, server_started = time.process_time(), server_cpu_s(conn)
        drain(conn)
        return Measured(cpu_s=time.process_time() - started, server_s=server_cpu_s(conn) - server_started)


def write_topics(config: Path) -> None:
    """The shipped topics and one more."""
    for path in (Path(__file__).parent.parent / "config" / "topics").glob("*.yaml"):
        shutil.copy(path, config)
    write_topic(config, title=5)


def write_topic(config: Path, *, title: int) -> None:
    (config / "grain.yaml").write_text(TOPIC.format(title=title), encoding="utf-8")


def work(dsn: str, config: Path) -> int:
    """The worker: release what the files say and work off what that asks for, as DAG and drain do."""
    with connect(dsn, name="bench worker", statement_timeout="30min") as conn:
        for difference in release.propose(conn, config):
            release.decide(conn, difference.release, approved=True, decided_by="bench")
        drain(conn)
    return 0


def drain(conn: Conn) -> None:
    tagger = tag.Tagger(conn)
    stages = (
        Batches("tag", conn, lambda conn, batch: tagger.tag(conn, batch, publish_delay_s=0), limit=tag.BATCH),
        Batches("publish", conn, publish.publish, limit=publish.BATCH),
    )
    for stage in stages:
        total = report = StepReport(seen=1)
        while report.seen or report.skipped:
            report = stage.turn(claim=True)
            total += report


def one_pass(warehouse: Warehouse, config: Path, kill_when: list[Callable[[Conn], bool]]) -> Measured:
    """Run workers until one ends by itself; each is killed at its moment."""
    measured = Measured()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    with connect(warehouse.dsn(), name="bench watch") as conn:
        server_started = server_cpu_s(conn)
        for moment in [*kill_when, lambda _: False]:
            worker = subprocess.Popen([sys.executable, __file__, "--work", warehouse.dsn(), str(config)])
            while worker.poll() is None:
                time.sleep(0.2)
                measured.rss_mb.append(rss_mb(worker.pid))
                if moment(conn):
                    worker.send_signal(signal.SIGKILL)
                    measured.kills += 1
                    break
            worker.wait()
        measured.server_s = server_cpu_s(conn) - server_started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured.cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    measured.wall_s = time.monotonic() - started
    return measured


def server_cpu_s(conn: Conn) -> float:
    """Of the whole server: what runs, and what it has already buried."""
    server = psutil.Process(conn.info.backend_pid).parent()
    assert server is not None
    times = [process.cpu_times() for process in (server, *server.children())]
    return sum(one.user + one.system for one in times) + times[0].children_user + times[0].children_system


def half_looked_at(count: int) -> Callable[[Conn], bool]:
    return lambda conn: (
        number(conn, "SELECT coalesce(max(looked_at), 0) FROM news.topic_releases WHERE outcome IS NULL") > count // 2
    )


def half_tagged(count: int) -> Callable[[Conn], bool]:
    return lambda conn: (
        0 < number(conn, "SELECT count(*) FROM ops.work WHERE stage = 'tag'") < count // 2
        and number(conn, "SELECT count(*) FROM news.topic_releases WHERE outcome = 'released'") > 0
    )


def number(conn: Conn, query: str) -> int:
    [[found]] = conn.execute(query).fetchall()
    return int(found)


def rss_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def report(first: Warehouse, second: Warehouse) -> bool:
    """Print rows and digests of both warehouses; whether they are the same."""
    same = True
    with connect(first.dsn(), name="first") as one, connect(second.dsn(), name="second") as other:
        for name, query in NATURAL.items():
            found = [digest(conn, query) for conn in (one, other)]
            same &= found[0] == found[1]
            print(f"{name}: {json.dumps(found)}")
    return same


def digest(conn: Conn, query: str) -> tuple[int, str]:
    [[rows, sha]] = conn.execute(
        f"SELECT count(*), encode(sha256(string_agg(sha256(row::text::bytea), ''::bytea ORDER BY row::text)), 'hex')"
        f" FROM ({query}) AS row"
    ).fetchall()
    return int(rows), str(sha)[:16]


if __name__ == "__main__":
    sys.exit(main())
