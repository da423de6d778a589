"""Newsrooms that run for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newsroom.asking import NEVER_S, Ask, asking
from newswire.newsroom.publications import publications
from newswire.newsroom.running import RunningNewsroom, running_newsroom
from newswire.newsroom.server import Newsroom


@pytest.fixture(scope="module")
def newsroom() -> Iterator[RunningNewsroom]:
    """The sample publications, everything published."""
    with running_newsroom(Newsroom(publications())) as running:
        yield running


@pytest.fixture(scope="module")
def ask(newsroom: RunningNewsroom) -> Ask:
    """Ask the newsroom whose publications are all out."""
    return asking(newsroom.port)


@pytest.fixture
def opened() -> Iterator[RunningNewsroom]:
    """The sample publications, only what is there from the start."""
    with running_newsroom(Newsroom(publications()), over_s=NEVER_S) as running:
        yield running
