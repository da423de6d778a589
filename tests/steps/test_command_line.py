"""The command line as a program: what it does when its reader leaves, and what it refuses in words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newswire.cli import READER_LEFT, _parser, main
from newswire.settings import CHECKOUT
from newswire.steps import feed_files


def run_unread(*arguments: str, env: dict[str, str]) -> tuple[int, str]:
    """Run a command whose reader has left before the first line; its exit code, and what it complained about."""
    with subprocess.Popen(
        [sys.executable, "-m", "newswire.cli", *arguments],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT / "plugins"), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
        return process.wait(timeout=60), complaint


def test_help_that_nobody_reads_ends_in_silence():
    assert run_unread("feeds", "--help", env={})[1] == ""


@pytest.mark.parametrize("command", [("feeds", "export"), ("feeds", "list"), ("publishers", "list")])
def test_a_list_that_nobody_reads_ends_in_silence(command, committed, warehouse, tmp_path):
    listed = feed_files.read(CHECKOUT / "config" / feed_files.STARTER)
    feed_files.import_list(committed, listed, interval_s=900, said_by="starter")  # more than a buffer holds
    env = {"NEWSWIRE_WAREHOUSE": warehouse.dsn(), "NEWSWIRE_ARCHIVE": str(tmp_path)}
    assert run_unread(*command, env=env) == (READER_LEFT, "")


@pytest.fixture
def empty_folder(warehouse, monkeypatch, tmp_path) -> Path:
    """Where a command runs, over a warehouse without articles."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSWIRE_WAREHOUSE", warehouse.dsn())
    monkeypatch.setenv("NEWSWIRE_ARCHIVE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("compare 12 nonsense", "no article is '12'; give its number or its address as in mart.articles"),
        ("duplicates nonsense", "no article is 'nonsense'; give its number or its address"),
        ("duplicates 99999999999999999999", "no article is '99999999999999999999'; give its number or its address"),
        ("story https://nobody.example/1", "no article is 'https://nobody.example/1'; give its number or its address"),
        ("topics explain nonsense", "no article is 'nonsense'; give its number or its address"),
        ("topics suggest grain", "no topic is in force yet; the first articles that are tagged put"),
        ("search grain --topic grian", "no topic in force is called grian; choose from none yet"),
        ("rebuild tag 2026-11-25 --topic grian", "no topic in force is called grian; choose from central-banks, "),
        ("rebuild group 2026-11-25 --publisher nobody.example", "nothing is there of nobody.example; `newswire publish"),
        ("rebuild extract 2026-11-25 --feed https://a.example/f", "never subscribed: https://a.example/f; `newswire feeds"),
        ("export mart articles --to /proc/none/a.csv", "/proc/none/a.csv cannot be written: No such file or directory; give"),
        ("export mart articles --to s9://bucket/a.csv", "s9://bucket/a.csv is no place to write to: Protocol not known: s9"),
        (
            "export mart articles --to a.csv --since 2026-11-26 --until 2026-11-26",
            "no day is from 2026-11-26 on and before 2026-11-26; the second is not included",
        ),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named_with_the_mend(command, says, empty_folder, capsys):
    assert (main(command.split()), capsys.readouterr().err.startswith(f"newswire: {says}")) == (1, True)
    assert list(empty_folder.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_in_words(empty_folder, capsys):
    (empty_folder / "a.csv.tmp").symlink_to("/dev/full")
    assert main(["export", "example", "by_hour_of_day", "--to", "a.csv"]) == 1
    assert "a.csv cannot be written: No space left on device; give another place" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("rebuild tag 2026-13-01", "argument day: '2026-13-01' is no day; give one such as 2026-11-25"),
        ("rebuild tag 2026-11-25 --limit 0", "argument --limit: '0' is no number of 1 or more"),
        (
            "history --everything --since 2026-11-01 --max-pages 0",
            "argument --max-pages: '0' is no number of 1 or more",
        ),
        ("search grain --limit -3", "argument --limit: '-3' is no number of 1 or more"),
        ("alerts test grain --days x", "argument --days: 'x' is no number of days from 1 to 365"),
        ("erase --why law --since yesterday", "argument --since: 'yesterday' is no day; give one such as 2026-11-25"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_with_one_that_can(command, says, capsys):
    with pytest.raises(SystemExit):
        main(command.split())
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("command", ["psql", "airflow"])
@pytest.mark.parametrize("given", [["-c", "SELECT 1"], ["-Atc", "SELECT 1"], ["--version"], ["--help"], []])
def test_every_argument_of_another_program_is_passed_on_the_first_option_too(command, given):
    assert _parser().parse_args([command, *given]).arguments == given
