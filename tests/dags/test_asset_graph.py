"""The picture and the tables of docs/architecture.md are what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EDGE = re.compile(r"^    (\w+)(?:\(\[\w+\]\))? --> (\w+)(?:\(\[\w+\]\))?$", re.MULTILINE)


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "architecture.md").read_text()


@pytest.fixture(scope="module")
def edges(dags) -> set[tuple[str, str]]:
    woken = {(asset["name"], dag_id) for dag_id, dag in dags.items() for asset in dag["woken_by"]}
    made = {
        (dag_id, asset["name"])
        for dag_id, dag in dags.items()
        for task in dag["tasks"].values()
        for asset in task["outlets"]
    }
    return woken | made


@pytest.fixture(scope="module")
def queues(dags) -> dict[str, dict]:
    woken = {asset["name"]: asset | {"dag": dag_id} for dag_id, dag in dags.items() for asset in dag["woken_by"]}
    return {name: asset for name, asset in woken.items() if asset["group"] == "queues"}


@pytest.fixture(scope="module")
def tables(dags) -> dict[str, dict]:
    outlets = [asset for dag in dags.values() for task in dag["tasks"].values() for asset in task["outlets"]]
    return {asset["name"]: asset for asset in outlets if asset["group"] == "tables"}


def rows(page: str, header: str) -> list[list[str]]:
    """The cells of a table of the page, without its header."""
    after = page.split(f"| {header} |", 1)[1].splitlines()
    lines = after[2 : after.index("", 2)]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_the_picture_draws_every_edge_and_no_other(page, edges):
    drawn = EDGE.findall(page)
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == edges


def test_an_edge_that_the_page_forgot_is_found(page, edges):
    """The comparison can fail."""
    assert (
        set(EDGE.findall(page.replace("    pages([pages]) --> ", "").replace("    pages --> extract_articles\n", "")))
        != edges
    )


def test_the_table_of_queues_names_stage_and_consumer(page, queues):
    told = {name: (stage, dag) for name, stage, dag, _ in rows(page, "asset | stage | drained by | a row is")}
    assert told == {name: (asset["watchers"][0]["stage"], asset["dag"]) for name, asset in queues.items()}


def test_the_table_of_tables_names_where_they_lie(page, tables):
    told = {name: table for name, table, _ in rows(page, "asset | table | event")}
    assert told == {
        name: re.sub(r"\?.*", "", asset["uri"].split("/", 4)[4]).replace("/", ".") for name, asset in tables.items()
    }


def test_every_queue_has_one_watcher_and_one_consumer(dags, queues):
    stages = [watcher["stage"] for asset in queues.values() for watcher in asset["watchers"]]
    assert sorted(stages) == ["alert", "extract", "fetch", "group", "poll", "publish", "push", "send", "tag"]
    assert len(queues) + 2 == sum(
        len(dag["woken_by"]) for dag in dags.values()
    )  # and the files of topics and of alerts


def test_the_table_of_files_names_who_reads_them(page, dags):
    told = {name: dag for name, _, dag in rows(page, "asset | what | read by")}
    woken = {
        asset["name"]: dag_id for dag_id, dag in dags.items() for asset in dag["woken_by"] if asset["group"] == "files"
    }
    assert told == woken


def test_a_table_asset_names_a_table_of_the_warehouse(conn, tables):
    for asset in tables.values():
        schema, table = re.sub(r"\?.*", "", asset["uri"]).split("/")[-2:]
        [[found]] = conn.execute("SELECT to_regclass(%s)", [f"{schema}.{table}"]).fetchall()
        assert found, asset["uri"]
