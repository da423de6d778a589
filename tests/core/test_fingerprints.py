import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.fingerprints import FINGERPRINT_VERSION, is_groupable, text_digest, words

STORY = " ".join(
    f"Ship number {number} of the harbour waits for the wider channel." for number in range(20)
)  # 220 words
BRIEF = (
    "The port will widen the channel before the winter storms arrive, as the harbour master had long asked."  # 18 words
)
TEXTS = st.text(max_size=60)


def test_the_digest_is_thirty_two_bytes_and_its_rule_has_a_version():
    assert len(text_digest("Title", STORY)) == 32
    assert FINGERPRINT_VERSION


@pytest.mark.parametrize(
    "same",
    [
        STORY.upper(),
        STORY.replace(" ", "\n"),
        STORY.replace(" ", "\u00a0 "),
        STORY.replace(".", " …"),
        STORY.replace("harbour", "har\u00adbour"),  # a soft hyphen
        STORY.replace("number", "“number”"),
        STORY.replace(". ", "."),  # paragraphs run together
        STORY.replace("fi", "\ufb01"),  # a ligature
    ],
)
def test_typography_case_and_layout_do_not_count(same):
    assert text_digest("Title", same) == text_digest("Title", STORY)


@pytest.mark.parametrize("other", [STORY + " Waiting.", STORY.replace("19", "20"), STORY.replace("wider", "deeper", 1)])
def test_another_word_or_figure_is_another_text(other):
    assert text_digest("Title", other) != text_digest("Title", STORY)


def test_a_long_text_is_a_copy_under_any_title():
    assert text_digest("Ships wait", STORY) == text_digest("Harbour queue grows", STORY)


def test_a_short_text_is_a_copy_only_under_the_same_title():
    assert text_digest("Channel to be widened", BRIEF) == text_digest("CHANNEL to be widened!", BRIEF)
    assert text_digest("Channel to be widened", BRIEF) != text_digest("Port in brief", BRIEF)


def test_the_border_between_title_and_text_counts():
    assert text_digest("Channel", "to be widened. " + BRIEF) != text_digest("Channel to be widened", BRIEF)


@pytest.mark.parametrize(("title", "text"), [("", ""), ("Video", "Watch the ferry come in."), ("…", "!?" * 100)])
def test_a_caption_proves_no_copy(title, text):
    assert not is_groupable(title, text)
    assert text_digest(title, text) is None


def test_a_brief_with_its_title_proves_one():
    assert is_groupable("Channel to be widened", BRIEF)


def test_scripts_without_spaces_are_counted_by_character():
    assert words("港务局长 2026年") == ["港", "务", "局", "长", "2026", "年"]
    assert is_groupable("港口扩建", "港务局长请求市议会在冬季风暴来临之前拓宽航道。")


def test_vowel_signs_belong_to_their_word():
    assert words("बंदरगाह प्रमुख।") == ["बंदरगाह", "प्रमुख"]


@given(TEXTS, TEXTS)
def test_words_are_folded_once_and_for_all(a, b):
    found = words(f"{a} {b}")
    assert words(" ".join(found)) == found
    assert all(word and not word.isspace() for word in found)


@given(TEXTS, TEXTS)
def test_the_digest_is_a_function_of_title_and_text_alone(title, text):
    assert text_digest(title, f"{text} {STORY}") == text_digest(title + "x", f"{text} {STORY}")
