"""Two articles of one event: what proves it, what does not, and that neither order nor chance plays a part."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.stories import (
    MAX_KEY_TERMS,
    SHARED_KEY_TERMS,
    WINDOW,
    Frequencies,
    choose_representatives,
    frequencies_of_articles,
    frequencies_of_words,
    measure,
    same_story,
    story_features,
)
from newswire.core.stories.words import names, numbers, terms
from newswire.records import StoryArticle, StoryFeatures, StoryLink

AT = datetime(2026, 11, 25, 8, tzinfo=UTC)
COMMON = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "that",
    "for",
    "was",
    "on",
    "with",
    "be",
    "from",
    "had",
    "not",
    "would",
    "at",
]
ENGLISH = frequencies_of_words("en", dict.fromkeys(COMMON, 0.02))


def features(title: str, text: str, *, at: datetime = AT, language: str = "en", url: str = "") -> StoryFeatures:
    article = StoryArticle(
        article_id=1,
        version_id=1,
        url=url or f"https://a.example/{title}",
        title=title,
        text=text,
        language=language,
        at=at,
        is_copy=False,
    )
    return story_features(article, ENGLISH)


DAM = features(
    "Dam at Orrin Falls to be opened for the first time in a decade",
    "The sluices of the dam at Orrin Falls will be opened on Friday after 11 days of rain, the water board said. "
    "Villages along the river Tarn below the dam were told to move cattle and boats. Marta Ellingsen of the board said "
    "that 240 cubic metres a second would be let out, and that the bridge at Kessel stays closed.",
)
DAM_TOO = features(
    "Villages on the Tarn warned as water board opens Orrin Falls dam",
    "People who live on the river Tarn have been told to bring cattle to higher ground. From Friday the water board will "
    "let 240 cubic metres a second through the sluices at Orrin Falls. In Kessel, where the bridge is closed, Marta "
    "Ellingsen of the board met farmers who had lost fences to the rain.",
    at=AT + timedelta(hours=9),
)
STRIKE = features(
    "Bakers of Kessel end strike over night work",
    "Bakers in Kessel went back to their ovens on Friday. The union of Joost Verhage had asked for 12 percent more for "
    "night work and got seven. The town had been without fresh rolls for 11 days.",
)


def test_two_reports_of_one_event_are_proved_by_what_they_share():
    evidence = same_story(DAM, DAM_TOO)
    assert evidence is not None
    assert {"Ellingsen", "Orrin"} <= set(evidence.names)
    assert {"board", "cubic"} <= set(evidence.terms)
    assert evidence.numbers == ("240",)
    assert evidence.days == pytest.approx(0.38, abs=0.01)
    assert evidence.score > 0.9


def test_the_same_town_is_no_event():
    assert same_story(DAM, STRIKE) is None


def test_the_order_of_the_two_plays_no_part():
    assert same_story(DAM, DAM_TOO) == same_story(DAM_TOO, DAM)


def test_after_the_window_it_is_another_story():
    at_the_end = features("Dam at Orrin Falls to be opened", "The dam at Orrin Falls is open.", at=AT + WINDOW)
    later = features("Dam at Orrin Falls to be opened", "The dam at Orrin Falls is open.", at=AT + WINDOW * 1.01)
    assert (
        same_story(at_the_end, features("Dam at Orrin Falls to be opened", "The dam at Orrin Falls is open."))
        is not None
    )
    assert same_story(later, features("Dam at Orrin Falls to be opened", "The dam at Orrin Falls is open.")) is None


def test_articles_of_two_languages_are_not_compared():
    other = features("Dam at Orrin Falls", "The dam at Orrin Falls.", language="nl")
    assert same_story(features("Dam at Orrin Falls", "The dam at Orrin Falls."), other) is None


def test_a_form_with_another_name_in_it_is_no_event():
    """Headlines alone, as companies file them by the dozen: the words of the form are all they share."""
    one = features("Vimex to present at the Hallam technology conference", "")
    other = features("Earthling to present at the Hallam technology conference", "")
    assert same_story(one, other) is None


def test_candidates_share_key_terms():
    assert len(set(DAM.key_terms) & set(DAM_TOO.key_terms)) >= SHARED_KEY_TERMS
    assert len(DAM.key_terms) <= MAX_KEY_TERMS


@given(st.text(max_size=300), st.text(max_size=80))
def test_any_text_has_features_and_is_like_itself_at_most_wholly(text, title):
    one = features(title, text)
    evidence = same_story(one, one)
    assert evidence is None or 0 <= evidence.score <= 1
    assert all(0 <= share <= 1.001 for share in [*one.body.values(), *one.lead.values(), *one.title.values()])


# --- Words -----------------------------------------------------------------------------------------------------------


_WORD = st.sampled_from(["dam", "flood", "Orrin", "Falls", "river", "strike", "mine", "vote", "tax", "412", "980"])
_PROSE = st.lists(_WORD, max_size=12).map(" ".join)


@given(_PROSE, _PROSE, _PROSE, _PROSE, st.integers(0, 90))
def test_nothing_is_refused_early_that_its_score_would_prove(title, text, other_title, other_text, hours):
    one, other = features(title, text), features(other_title, other_text, at=AT + timedelta(hours=hours))
    assert (same_story(one, other) is not None) == (measure(one, other).score >= 0.2)


def test_words_are_cut_and_unspaced_scripts_are_read_in_pairs():
    assert terms("Verhandlungen, 12 переговоры") == ["verhan", "12", "перего"]
    assert terms("稀土出口") == ["稀土", "土出", "出口"]


def test_names_are_capitals_where_no_sentence_begins():
    assert set(names("Rain fell. “Snow,” said Marta Ellingsen’s aide.\nFarmers in O'Hara County agreed.")) == {
        "marta",
        "elling",
        "hara",
        "county",
    }


def test_scripts_without_capitals_are_told_by_their_rare_terms():
    assert set(features("稀土", "稀土出口许可审批", language="zh").names) == {
        "稀土",
        "土出",
        "出口",
        "口许",
        "许可",
        "可审",
        "审批",
    }


def test_years_are_no_numbers():
    assert numbers("In 2026, 1,200 of 3.5 million") == {"1200", "3.5"}


# --- Frequencies -----------------------------------------------------------------------------------------------------


def test_what_every_article_has_tells_nothing():
    assert ENGLISH.rarity("the") < 0.05
    assert ENGLISH.rarity("orrin") == pytest.approx(6.9, abs=0.01)


def test_without_a_table_short_words_are_common():
    unknown = Frequencies(language="xx", shares={})
    assert unknown.rarity("de") < unknown.rarity("huis") < unknown.rarity("sluize")


def test_a_table_of_articles_counts_those_that_hold_a_term():
    table = frequencies_of_articles("en", [f"rain {'rain ' * 9}" if n % 2 else "snow" for n in range(4000)])
    assert table is not None
    assert dict(table.shares) == {"rain": 0.5, "snow": 0.5}


def test_too_few_articles_make_no_table():
    assert frequencies_of_articles("en", ["rain"] * 1999) is None


# --- Stars -----------------------------------------------------------------------------------------------------------


def links(*pairs: tuple[int, int, float]) -> list[StoryLink]:
    return [StoryLink(earlier_id=earlier, later_id=later, score=score) for earlier, later, score in pairs]


def ranks(count: int) -> dict[int, tuple[datetime, str]]:
    return {number: (AT + timedelta(hours=number), f"https://a.example/{number}") for number in range(count)}


def stories(count: int, found: list[StoryLink]) -> dict[int, int]:
    return {article: member.story_id for article, member in choose_representatives(ranks(count), found).items()}


def test_a_chain_is_cut_where_an_article_has_nothing_in_common_with_the_first():
    assert stories(4, links((0, 1, 0.9), (1, 2, 0.9), (2, 3, 0.9))) == {0: 0, 1: 0, 2: 2, 3: 2}


def test_the_best_representative_wins_and_of_equals_the_earliest():
    assert stories(3, links((0, 2, 0.5), (1, 2, 0.6)))[2] == 1
    assert stories(3, links((0, 2, 0.6), (1, 2, 0.6)))[2] == 0


@given(st.integers(0, 10_000))
def test_the_order_of_links_and_articles_plays_no_part(seed):
    dice = random.Random(seed)
    found = links(
        *((a, b, dice.choice([0.3, 0.5, 0.9])) for a, b in itertools.combinations(range(9), 2) if dice.random() < 0.3)
    )
    shuffled = dice.sample(found, len(found))
    articles = dict(dice.sample(list(ranks(9).items()), 9))
    assert choose_representatives(articles, shuffled) == choose_representatives(ranks(9), found)
