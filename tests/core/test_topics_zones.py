import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newswire.core.topics.zones import Layout, tail_start

LONG = "The ministers met again on Thursday and spoke about the price of grain. " * 10


def zones_of(title, text):
    layout = Layout(title, text)
    return [layout.zone(offset) for offset in range(len(title) + 1 + len(text))]


def test_the_title_comes_first_then_lead_then_body():
    zones = zones_of("A title", LONG)
    assert zones[:7] == ["title"] * 7
    assert zones[8 : 8 + 350] == ["lead"] * 350
    assert set(zones[8 + 350 :]) == {"body"}


def test_a_short_text_is_all_summary():
    assert set(zones_of("A title", "Short.")[8:]) == {"summary"}
    assert set(zones_of("", "x" * 419)[1:]) == {"summary"}


@pytest.mark.parametrize(
    "tail",
    [
        "Votre actualité crypto mérite l’attention – Wire vous place sur plus de 250 sites majeurs",
        "Subscribe to our newsletter and never miss a story about uranium!",
        "Lesen Sie auch: Warum Uran teurer wird.",
        "Читайте также: Цены на уран выросли вдвое.",
        "(更新时间戳: 1752430926372)",
        "責任編輯：王小明。",
        "By Jane Doe, Bloomberg\n© 2026 The Paper\nTags: uranium, mines",
        "Sign up for our emails\n\n",
    ],
)
def test_what_follows_the_last_sentence_is_the_tail(tail):
    text = f"{LONG.strip()}\nThe talks go on.\n{tail}"
    assert text[tail_start(text) :] == tail


@pytest.mark.parametrize(
    "text",
    [
        "",
        "One paragraph without a stop",
        f"{LONG.strip()}\nThe talks go on.",
        f"{LONG.strip()}\n“The talks go on.”",
        f"{LONG.strip()}\n他说：“谈判仍在继续。”",
        f"{LONG.strip()}\nवार्ता जारी है।",
        f"{LONG.strip()}\nHe said:",
        f"{LONG.strip()}\n" + "a paragraph of more than three hundred characters belongs to the article " * 5,
        "first item\nsecond item\nthird item",
        f"{LONG.strip()}\n" + "\n".join(f"item {n}" for n in range(9)),
    ],
)
def test_a_text_without_asides_at_its_end_has_no_tail(text):
    assert tail_start(text) == len(text)


def test_a_call_in_the_middle_of_a_text_is_no_tail():
    text = f"{LONG.strip()}\nSubscribe to our newsletter!\n{LONG.strip()}"
    assert tail_start(text) == len(text)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab. \n:。|"), max_size=200))
def test_the_tail_begins_a_paragraph_after_a_sentence(text):
    start = tail_start(text)
    assert start == len(text) or text[start - 1] == "\n"
    assert start == len(text) or any(stop in text[:start] for stop in ".:。")
