"""Why a topic applies or not, what it lacks, and how it begins."""

from __future__ import annotations

from datetime import date

import pytest

from newswire.core.topics import Matcher, check_examples, read_topic
from newswire.core.topics.skeleton import skeleton
from newswire.core.topics.suggesting import Sample, suggestions
from newswire.records import ArticleText

DEFINITION = """\
id: grain
name: {en: Grain}
description: Grain and what it costs.
groups:
  terms: {en: [wheat*, grain deal, {barley: 0.5}]}
  places: {en: [odesa]}
  others: {en: [chicago]}
mask: {en: [wheat beer]}
rules:
  - {count: terms, near: {group: places, chars: 40}, forbid_near: {group: others, chars: 30}}
examples:
  match: [{lang: en, title: Wheat from Odesa}]
"""
GRAIN = read_topic(DEFINITION, path="grain.yaml")


def explained(title: str, text: str = ""):
    article = ArticleText(
        article_id=1,
        version_id=1,
        url="https://paper.example/1",
        title=title,
        text=text,
        summary=None,
        language="en",
        day=date(2026, 2, 3),
    )
    matcher = Matcher([GRAIN])
    found = matcher.explain(article)
    match = matcher.match(article)
    for explanation in found:
        assert explanation.level == (match[0].level if match else None)
        if match:
            assert (explanation.score, explanation.evidence) == (match[0].score, match[0].evidence)
    return found[0] if found else None


def test_a_tag_is_explained_by_what_counts_and_what_the_levels_ask_for():
    found = explained("Wheat from Odesa")
    assert (found.topic, found.level, found.score) == ("grain", "core", 5)
    assert found.needed == "core: a counted term in the title or score 6; mention: score 4"
    assert [proof.pattern for proof in found.evidence] == ["wheat*"]
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Wheat is dear", "no places within 40 characters"),
        ("Wheat beer in Odesa", "it is masked"),
        ("Wheat in Chicago, not far from Odesa", "others stands nearer"),
    ],
)
def test_what_was_found_and_does_not_count_says_why(title, reason):
    found = explained(title)
    assert (found.level, found.score) == (None, 0)
    assert [left.reason for left in found.left_out] == [reason]
    assert found.left_out[0].zone == "title"


def test_a_term_in_the_tail_has_no_weight():
    body = "Odesa sleeps under the snow, and the ships wait for the morning tide to come. " * 8
    found = explained("Snow", body.strip() + "\nRead also: wheat from Odesa")
    assert [left.reason for left in found.left_out] == ["the tail has no weight"]


def test_more_than_the_cap_is_left_out():
    found = explained("Wheat, wheat, wheat, wheat, wheat: Odesa")
    assert len([proof for proof in found.evidence if proof.weight]) == 4
    assert len(found.left_out) == 1
    assert "4 strongest" in found.left_out[0].reason


def test_an_article_without_any_pattern_is_not_explained():
    assert explained("Snow") is None


# --- Suggestions -----------------------------------------------------------------------------------------------------


def samples(applies, *texts: str, language: str = "en", times: int = 6) -> list[Sample]:
    return [
        Sample(language=language, title=f"Number {n}", text=text, applies=applies)
        for text in texts
        for n in range(times)
    ]


def test_a_term_that_only_tagged_articles_have_speaks_for_the_topic_and_the_other_way_round():
    found = suggestions(GRAIN, samples(True, "the durum crop fails") + samples(False, "a wheat coloured sofa"))
    spoken = {one.term: one for one in found}
    assert spoken["durum"].speaks_for
    assert (spoken["durum"].tagged, spoken["durum"].of_tagged, spoken["durum"].near_misses) == (6, 6, 0)
    assert not spoken["sofa"].speaks_for
    assert "durum crop" in spoken


def test_what_patterns_know_already_and_what_both_have_is_not_suggested():
    both = samples(True, "barley harvest weather durum") + samples(False, "barley harvest weather sofa")
    assert not {one.term for one in suggestions(GRAIN, both)} & {"barley", "harvest", "weather"}


def test_a_few_articles_prove_nothing():
    assert suggestions(GRAIN, samples(True, "durum", times=2) + samples(False, "sofa", times=2)) == []


def test_languages_are_told_apart_and_scripts_without_spaces_give_signs():
    found = suggestions(
        GRAIN, samples(True, "硬粒小麦歉收", language="zh") + samples(False, "沙发很贵", language="zh-Hant")
    )
    assert {"zh"} == {one.language for one in found}
    assert "小麦" in {one.term for one in found if one.speaks_for}


# --- A new file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Grain deal", 'A "name": with, {signs} \\ of YAML'])
def test_a_skeleton_is_a_definition_that_passes_its_own_check(name):
    text = skeleton("grain-deal", name)
    topic = read_topic(text, path="grain-deal.yaml")
    assert topic.name == {"en": name}
    assert check_examples(topic) == []
    assert text.startswith("# yaml-language-server: $schema=topic.schema.json\n")
