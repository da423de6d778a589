"""The doctor finds each planted fault, names the mend, and blames nothing that is well."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from newswire.operating import doctor, probes_machine, probes_warehouse
from newswire.operating.doctor import PROBES, Answer, ask, describe, examine, is_ill
from newswire.operating.installation import Site
from newswire.operating.trouble import Patient
from newswire.runtime.home import Home
from newswire.warehouse.connection import connect

ROOT = Path(__file__).resolve().parents[2]
STRONG = "a-password-of-some-length"


@pytest.fixture
def well(site: Site) -> Site:
    """An installation that nothing is wrong with: its parts give signs of life and its DAGs are parsed."""
    with connect(site.airflow, name="test") as conn:
        for kind in ("SchedulerJob", "TriggererJob", "DagProcessorJob"):
            conn.execute("INSERT INTO job (job_type, state, latest_heartbeat) VALUES (%s, 'running', now())", [kind])
        conn.execute("INSERT INTO dag_bundle (name, active) VALUES ('dags-folder', true)")
        for file in (ROOT / "dags").glob("*.py"):
            conn.execute(
                "INSERT INTO dag (dag_id, is_paused, is_stale, relative_fileloc, bundle_name, max_active_tasks, has_task_concurrency_limits,"
                " max_consecutive_failed_dag_runs, fail_fast, exceeds_max_non_backfill, timetable_type, timetable_partitioned, partition_mapper_info)"
                " VALUES (%s, false, false, %s, 'dags-folder', 16, false, 0, false, false, '', false, '{}')",
                [file.stem, file.name],
            )
        conn.execute(
            "INSERT INTO slot_pool (pool, slots, include_deferred) VALUES ('default_pool', 128, false) ON CONFLICT DO NOTHING"
        )
    with connect(site.warehouse, name="test") as conn:
        conn.execute(
            "INSERT INTO ops.checks (name, severity, why, rows, sample) VALUES ('all_is_well', 'error', 'nothing', 0, '[]')"
        )
    return site


def found(site: Site, title: str) -> Answer:
    return examine(site, {title: PROBES[title]})[0]


def problems(site: Site, title: str) -> str:
    answer = found(site, title)
    assert all(trouble.mend for trouble in answer.troubles)
    return "; ".join(trouble.problem for trouble in answer.troubles)


def with_env(site: Site, **changed: str) -> Site:
    return replace(site, env={**site.env, **changed})


@contextmanager
def changed(url: str, statement: str) -> Iterator[None]:
    with connect(url, name="test") as conn:
        conn.execute(statement)
    yield


def test_an_installation_that_is_well_has_no_error(well: Site):
    ill = [answer for answer in examine(well) if is_ill([answer])]
    assert {answer.title for answer in ill} <= {"secrets", "packages"}, "the test's own passwords are weak"


@pytest.mark.parametrize(
    ("title", "where", "statement", "said"),
    [
        ("roles and rights", "owner", "REVOKE INSERT ON news.entries FROM newswire_writer", "newswire_writer lacks INSERT on news.entries"),
        ("migrations", "owner", "DELETE FROM migrations.applied WHERE name = 'repeatable/20_marts.sql'", "files of sql/ are not applied"),
        ("migrations", "owner", "INSERT INTO migrations.applied VALUES ('migrations/9999_later.sql', 'x')", "9999_later"),
        ("Airflow's programs", "airflow", "UPDATE job SET latest_heartbeat = now() - interval '5 min' WHERE job_type = 'SchedulerJob'", "scheduler for 30"),
        ("Airflow's programs", "airflow", "DELETE FROM job WHERE job_type = 'TriggererJob'", "triggerer ever"),
        ("DAG files", "airflow", "INSERT INTO import_error (filename, stacktrace) VALUES ('poll_feeds.py', 'Traceback\nNameError: x')", "poll_feeds.py cannot be read: NameError: x"),
        ("DAG files", "airflow", "UPDATE dag SET is_stale = true WHERE dag_id = 'tag_articles'", "tag_articles.py was not parsed"),
        ("paused DAGs", "airflow", "UPDATE dag SET is_paused = true WHERE dag_id = 'poll_feeds'", "paused: poll_feeds"),
        ("pools", "airflow", "UPDATE slot_pool SET slots = 2", "default_pool has 2 slots"),
        ("pools", "airflow", "DELETE FROM slot_pool", "default_pool has no slots"),
        ("Airflow's database", "airflow", "DELETE FROM alembic_version", "has no tables"),
        ("ledger", "warehouse", "UPDATE ops.checks SET rows = 3, why = 'rows are lost', wrong_since = now()", "3 x rows are lost"),
        ("ledger", "warehouse", "DELETE FROM ops.checks", "not checked within the last hour"),
        ("backlog", "warehouse", "INSERT INTO ops.work (stage, key, lane, due_at) VALUES ('tag', 1, '', now() - interval '2 h')", "tag: 1 rows are due"),
    ],
)  # fmt: skip
def test_a_planted_fault_in_a_database_is_named(well: Site, title: str, where: str, statement: str, said: str):
    assert said not in problems(well, title)
    with changed(getattr(well, where), statement):
        assert said in problems(well, title)


@pytest.mark.parametrize(
    ("title", "name", "value", "said"),
    [
        ("secrets", "AIRFLOW__API_AUTH__JWT_SECRET", "", "AIRFLOW__API_AUTH__JWT_SECRET is empty or short"),
        ("secrets", "AIRFLOW__CORE__FERNET_KEY", "short", "the Fernet key is empty or no such key"),
        ("secrets", "NEWSWIRE_WAREHOUSE", "postgresql://newswire_writer:postgres@127.0.0.1:1/warehouse", "of the warehouse's writer"),
        ("settings", "NEWSWIRE_POLL_CAP_S", "often", "NEWSWIRE_POLL_CAP_S=often"),
        ("warehouse", "NEWSWIRE_WAREHOUSE", "postgresql://nobody@127.0.0.1:1/none", "cannot be reached"),
        ("Airflow's database", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql+psycopg2://x@127.0.0.1:1/none", "cannot be reached"),
        ("archive", "NEWSWIRE_ARCHIVE", "/proc/newswire", "cannot be written"),
        ("topics", "NEWSWIRE_CONFIG", "/nowhere", "/nowhere/topics is not there"),
        ("connections", "AIRFLOW_CONN_NEWS_WAREHOUSE", "", "news_warehouse is missing"),
    ],
)  # fmt: skip
def test_a_planted_fault_in_the_environment_is_named(well: Site, title: str, name: str, value: str, said: str):
    assert said not in problems(well, title)
    assert said in problems(with_env(well, **{name: value}), title)


def test_what_hangs_on_a_fault_is_not_asked_and_says_why(well: Site):
    answers = examine(with_env(well, NEWSWIRE_WAREHOUSE="postgresql://nobody@127.0.0.1:1/none"))
    unasked = {answer.title for answer in answers if answer.not_asked == "the warehouse cannot be reached"}
    assert unasked == {"migrations", "roles and rights", "clock", "ledger", "newest article", "backlog"}


@pytest.mark.parametrize(
    ("title", "file", "text"),
    [
        ("topics", "topics/rare-earths.yaml", "id: ["),
        ("retention", "retention.yaml", "pages_days: many"),
        ("feeds.opml", "feeds.opml", "<opml"),
    ],
)
def test_a_broken_file_of_config_is_named(well: Site, tmp_path: Path, title: str, file: str, text: str):
    config = tmp_path / "config"
    shutil.copytree(ROOT / "config", config)
    assert problems(with_env(well, NEWSWIRE_CONFIG=str(config)), title) == ""
    (config / file).write_text(text)
    assert Path(file).name in problems(with_env(well, NEWSWIRE_CONFIG=str(config)), title)


def test_a_connection_of_another_fernet_key_is_named(well: Site):
    assert problems(well, "connections") == ""
    strange = Fernet(Fernet.generate_key()).encrypt(b"secret").decode()
    statement = (
        "INSERT INTO connection (conn_id, conn_type, password, is_encrypted, is_extra_encrypted)"
        f" VALUES ('my_wire', 'http', '{strange}', true, false)"
    )
    with changed(well.airflow, statement):
        assert "my_wire was encrypted with another key" in problems(well, "connections")


def test_a_broker_that_is_away_is_named(well: Site):
    pytest.importorskip("celery")
    celery = {"AIRFLOW__CORE__EXECUTOR": "CeleryExecutor", "AIRFLOW__CELERY__BROKER_URL": "redis://:x@127.0.0.1:1/0"}
    assert "no worker answers" in problems(with_env(well, PATH=os.environ["PATH"], **celery), "workers")


def test_tasks_beside_the_scheduler_need_no_worker(well: Site):
    assert found(well, "workers").not_asked


def test_clocks_that_differ_are_told_and_those_that_do_not_are_not():
    now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert list(probes_warehouse.skew(now, now + timedelta(seconds=1))) == []
    assert [trouble.severity for trouble in probes_warehouse.skew(now, now - timedelta(seconds=5))] == ["warning"]
    assert [trouble.severity for trouble in probes_warehouse.skew(now, now + timedelta(minutes=1))] == ["error"]


def test_a_disk_that_fills_is_told_in_time(tmp_path: Path):
    assert list(probes_machine.low(tmp_path, free_mb=50_000)) == []
    assert [trouble.severity for trouble in probes_machine.low(tmp_path, free_mb=1000)] == ["warning"]
    assert [trouble.severity for trouble in probes_machine.low(tmp_path, free_mb=10)] == ["error"]


def test_packages_of_another_version_are_named_and_markers_are_heard():
    pins = "aiohttp==3.14.5 \\\n    --hash=sha256:00\nabsent==1\nonly-elsewhere==1 ; sys_platform == 'plan9'\n# c==2\n"
    assert list(probes_machine.unmet(pins, {"AioHTTP": "3.14.5", "absent": "1"})) == []
    assert list(probes_machine.unmet(pins, {"aiohttp": "3.0"})) == [
        "aiohttp 3.0 instead of ==3.14.5",
        "absent is missing",
    ]


def test_a_secret_that_others_can_read_is_named(well: Site, tmp_path: Path):
    home = Home(tmp_path / "live")
    home.create()
    home.secret("airflow_jwt")
    at_home = replace(well, home=home)
    patient = Patient(site=at_home, warehouse=None, airflow=None)
    title = "files of secrets"
    assert ask(title, PROBES[title], patient).troubles == ()
    (home.secrets / "airflow_jwt").chmod(0o644)
    (home.secrets / "newswire_owner").touch(0o600)
    said = [trouble.problem for trouble in ask(title, PROBES[title], patient).troubles]
    assert [text.rpartition("/")[2] for text in said] == [
        "airflow_jwt can be read by others",
        "newswire_owner is empty",
    ]


def test_the_words_name_problem_and_mend_and_end_with_the_sums(well: Site):
    with changed(well.airflow, "UPDATE dag SET is_paused = true WHERE dag_id = 'poll_feeds'"):
        text = "\n".join(describe([found(well, "paused DAGs"), found(well, "pools")]))
    assert text.splitlines()[0] == "warning paused DAGs"
    assert "do: unpause them" in text
    assert "ok      pools" in text
    assert text.endswith("0 errors, 1 warnings")


def test_a_weak_password_is_told_from_a_strong_one():
    assert probes_machine.is_weak("")
    assert probes_machine.is_weak("Airflow")
    assert not probes_machine.is_weak(STRONG)


def test_every_probe_has_been_seen_to_fail():
    """Python is the exception: the tests run on a supported one."""
    text = Path(__file__).read_text()
    quiet = {title for title in PROBES if f'"{title}"' not in text} - {"Python"}
    tried_by_their_rule = {"clock", "disk", "packages", "newest article"}
    assert quiet <= tried_by_their_rule
    assert doctor.PROBES
