"""The command line as a program: what it does when its reader leaves, and what it refuses in words."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from newswire.cli import READER_LEFT, _parser
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


@pytest.mark.parametrize("given", [["-c", "SELECT 1"], ["-Atc", "SELECT 1"], ["--version"], ["--help"], []])
def test_every_argument_of_psql_is_passed_on_the_first_option_too(given):
    assert _parser().parse_args(["psql", *given]).arguments == given
