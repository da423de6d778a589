"""Who hangs is found by what Airflow says, and nobody is blamed for a silence of the page itself."""

from __future__ import annotations

from newswire.runtime.health import HANGS_AFTER_S, PARTS, Hangs

GOOD = {name: {"status": "healthy"} for name in PARTS}
SICK = {**GOOD, "scheduler": {"status": "unhealthy"}}


def test_a_part_that_stays_silent_hangs_after_a_while_and_is_named_once():
    hangs = Hangs()
    assert hangs.found(SICK, now=0) == []
    assert hangs.found(SICK, now=HANGS_AFTER_S - 1) == []
    assert hangs.found(SICK, now=HANGS_AFTER_S) == ["scheduler"]
    assert hangs.found(SICK, now=HANGS_AFTER_S + 10) == []


def test_a_sign_of_life_begins_anew():
    hangs = Hangs()
    hangs.found(SICK, now=0)
    hangs.found(GOOD, now=50)
    assert hangs.found(SICK, now=70) == []
    assert hangs.found(SICK, now=70 + HANGS_AFTER_S) == ["scheduler"]


def test_while_the_page_is_silent_nobody_hangs():
    hangs = Hangs()
    hangs.found(SICK, now=0)
    assert hangs.found({}, now=HANGS_AFTER_S) == []
    assert hangs.found(SICK, now=HANGS_AFTER_S + 1) == []


def test_a_part_that_was_never_seen_is_named_as_the_supervisor_knows_it():
    hangs = Hangs()
    hangs.found({"scheduler": {"status": "healthy"}}, now=0)
    assert hangs.found({"scheduler": {"status": "healthy"}}, now=HANGS_AFTER_S) == ["triggerer", "dag-processor"]
