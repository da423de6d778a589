"""Schedules and numbers are what settings say; one that cannot be meant changes nothing and is told with its mend."""

from __future__ import annotations

import pytest

from newswire.schedules import DAYS, DRAINS, SCHEDULES, number, problems, schedule, setting
from newswire.settings import Settings

KNOWN = {"NEWSWIRE_WAREHOUSE": "postgresql://x/y", "NEWSWIRE_ARCHIVE": "/nowhere"}


def test_without_settings_everything_is_as_shipped():
    assert {dag_id: schedule(dag_id, {}) for dag_id in SCHEDULES} == dict(SCHEDULES)
    assert number(DRAINS, {}) == 2
    assert problems({}) == []


def test_a_setting_is_taken_and_an_empty_one_says_nothing():
    env = {
        setting("check_feeds"): "  5   */2 * * * ",
        setting("sweep_archive"): "off",
        "NEWSWIRE_DAYS": "",
        "NEWSWIRE_DRAINS": "64",
    }
    assert (schedule("check_feeds", env), schedule("sweep_archive", env)) == ("5 */2 * * *", "off")
    assert (number(DAYS, env), number(DRAINS, env)) == (2, 64)
    assert problems(env) == []


def test_a_schedule_that_cannot_be_meant_leaves_the_default_and_is_told():
    env = {setting("check_feeds"): "17 25 * * *"}
    assert schedule("check_feeds", env) == SCHEDULES["check_feeds"]
    [told] = problems(env)
    assert told == (
        "NEWSWIRE_SCHEDULE_CHECK_FEEDS=17 25 * * *: '25' is no hour (0 to 23, such as *, */2, 0,23 or 0-23); write it such as"
        " `17 * * * *` (UTC), or `off`; until then `17 * * * *` is in force"
    )


@pytest.mark.parametrize("wrong", ["0", "65", "many", "1.5", "-1", "²"])
def test_a_number_that_cannot_be_meant_leaves_the_default_and_is_told(wrong):
    env = {"NEWSWIRE_DRAINS": wrong}
    assert number(DRAINS, env) == 2
    assert problems(env) == [f"NEWSWIRE_DRAINS={wrong} is not a whole number from 1 to 64; until then 2 is in force"]


def test_a_slip_in_the_name_is_told():
    [told] = problems({"NEWSWIRE_SCHEDULE_CHECK_FEED": "off"})
    assert told.startswith(
        "NEWSWIRE_SCHEDULE_CHECK_FEED is the schedule of no DAG; choose from NEWSWIRE_SCHEDULE_CHECK_WAREHOUSE, "
    )


def test_the_checks_are_told_and_the_budget_of_second_looks_lasts_until_the_next():
    env = KNOWN | {setting("recheck_articles"): "*/20 * * * *", setting("check_feeds"): "never"}
    settings = Settings.from_env(env)
    assert settings.recheck_every_min == 20
    assert [told.partition(":")[0] for told in settings.problems] == ["NEWSWIRE_SCHEDULE_CHECK_FEEDS=never"]
