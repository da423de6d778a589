"""The recipes of docs/analysts.md do what they say, as the reader, in a warehouse that the steps have filled."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newswire.runtime.databases import READER
from newswire.steps.export import export
from newswire.warehouse.connection import Conn, connect
from newswire.warehouse.exports import Source

PAGE = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text(encoding="utf-8")
# What Grafana puts into a panel's question.
MACROS = {"$__timeFrom()": "'2020-01-01T00:00:00Z'", "$__timeTo()": "'2100-01-01T00:00:00Z'"}


def blocks(kind: str) -> list:
    """Every block of a language, named by the section that it stands in."""
    found, section = [], ""
    for heading, language, text in re.findall(r"^## ([^\n]+)$|^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE):
        section = heading or section
        if language == kind:
            found.append(pytest.param(text, id=f"{section} {len(found)}"))
    return found


@pytest.fixture(scope="module")
def reader(at_work) -> Iterator[Conn]:
    with connect(at_work.dsn(READER), name="reader") as conn:
        yield conn


@pytest.fixture(scope="module")
def files(reader, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    source = Source(kind="mart", name="article_topics")
    assert export(reader, source, to=str(folder / "tags.parquet"), format_="parquet") > 0
    return folder


@pytest.mark.parametrize("question", blocks("sql"))
def test_a_question_of_the_page_is_answered(reader, question):
    for macro, value in MACROS.items():
        question = question.replace(macro, value)
    reader.execute(question).fetchall()


@pytest.mark.parametrize("recipe", blocks("python"))
def test_a_recipe_in_python_prints_something(at_work, files, recipe):
    env = {**os.environ, "WAREHOUSE": at_work.dsn(READER)}
    done = subprocess.run(
        [sys.executable, "-c", recipe], cwd=files, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "rare-earths" in done.stdout or "FR" in done.stdout


@pytest.mark.parametrize("recipe", blocks("duckdb"))
def test_duckdb_reads_the_warehouse_directly(at_work, recipe):
    import duckdb

    with duckdb.connect() as conn:
        try:
            conn.execute("INSTALL postgres")
        except duckdb.Error as error:
            pytest.skip(f"DuckDB's extension cannot be downloaded here: {str(error).splitlines()[0]}")
        topics = conn.sql(recipe.replace("{WAREHOUSE}", at_work.dsn(READER))).fetchall()
    assert "rare-earths" in {topic for topic, _ in topics}
