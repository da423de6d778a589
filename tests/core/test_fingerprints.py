from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.fingerprints import SIGNATURE_VERSION, below, fingerprint, lead, runs_of, words

STORY = " ".join(
    f"Ship number {number} of the harbour waits for the wider channel." for number in range(20)
)  # 220 words
BRIEF = (
    "The port will widen the channel before the winter storms arrive, as the harbour master had long asked."  # 18 words
)
TEXTS = st.text(max_size=60)


def text_key(title, text):
    return fingerprint(title, text).text_key


def test_the_key_is_sixteen_bytes_and_its_rule_has_a_version():
    assert len(text_key("Title", STORY)) == 16
    assert SIGNATURE_VERSION


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
    assert text_key("Title", same) == text_key("Title", STORY)


@pytest.mark.parametrize("other", [STORY + " Waiting.", STORY.replace("19", "20"), STORY.replace("wider", "deeper", 1)])
def test_another_word_or_figure_is_another_text(other):
    assert text_key("Title", other) != text_key("Title", STORY)


def test_a_long_text_is_a_copy_under_any_title():
    assert text_key("Ships wait", STORY) == text_key("Harbour queue grows", STORY)


def test_a_short_text_is_a_copy_only_under_the_same_title():
    assert text_key("Channel to be widened", BRIEF) == text_key("CHANNEL to be widened!", BRIEF)
    assert text_key("Channel to be widened", BRIEF) != text_key("Port in brief", BRIEF)


def test_the_border_between_title_and_text_counts():
    assert text_key("Channel", "to be widened. " + BRIEF) != text_key("Channel to be widened", BRIEF)


@pytest.mark.parametrize(("title", "text"), [("", ""), ("Video", "Watch the ferry come in."), ("…", "!?" * 100)])
def test_a_caption_proves_no_copy(title, text):
    print_ = fingerprint(title, text)
    assert print_.text_key is None
    assert print_.anchors == print_.sketch == ()


def test_a_brief_with_its_title_proves_one():
    assert text_key("Channel to be widened", BRIEF)


def test_scripts_without_spaces_are_counted_by_character():
    assert words("港务局长 2026年") == ["港", "务", "局", "长", "2026", "年"]
    assert text_key("港口扩建", "港务局长请求市议会在冬季风暴来临之前拓宽航道。")


def test_vowel_signs_belong_to_their_word():
    assert words("बंदरगाह प्रमुख।") == ["बंदरगाह", "प्रमुख"]


@given(TEXTS, TEXTS)
def test_words_are_folded_once_and_for_all(a, b):
    found = words(f"{a} {b}")
    assert words(" ".join(found)) == found
    assert all(word and not word.isspace() for word in found)


@given(TEXTS, TEXTS)
def test_the_key_is_a_function_of_title_and_text_alone(title, text):
    assert text_key(title, f"{text} {STORY}") == text_key(title + "x", f"{text} {STORY}")


# --- Likeness --------------------------------------------------------------------------------------------------------


def long_text(seed, length):
    random = Random(seed)
    return " ".join(f"w{random.randrange(3_000)}" for _ in range(length))


def test_a_fingerprint_is_the_same_on_every_machine():
    """Stored fingerprints are compared with ones made years later: any change of these numbers is a new version."""
    print_ = fingerprint("Ships wait for a wider channel", STORY)
    known = (220, 19, (-2146619202, -1999345993), -2118323756)
    assert (print_.words, len(print_.anchors), print_.anchors[:2], print_.sketch[0]) == known


def test_what_is_kept_is_bounded():
    print_ = fingerprint(long_text(1, 10), long_text(2, 20_000))
    assert len(print_.anchors) <= 23
    assert len(print_.sketch) == 256
    assert print_.cut == print_.sketch[-1]
    assert len(print_.opening) <= 78
    assert lead(print_.opening) == print_.opening[:38]


def test_a_short_text_is_kept_whole():
    print_ = fingerprint("Title", STORY)
    assert print_.cut == 2**31 - 1
    assert len(print_.sketch) < 256


@given(st.lists(st.sampled_from("abcdefgh"), min_size=30, max_size=80), st.integers(1, 5))
def test_runs_are_those_of_the_text_and_no_others(letters, run):
    hashed = [hash(letter) & 0xFFFFFFFF for letter in letters]
    different = {tuple(letters[at : at + run]) for at in range(len(letters) - run + 1)}
    assert len(runs_of(hashed, run)) == len(letters) - run + 1
    assert len(set(runs_of(hashed, run))) == len(different)


def test_the_same_number_twice_is_two_numbers():
    once, twice = fingerprint("t", STORY + " 777 tons."), fingerprint("t", STORY + " 777 tons, then 777 more.")
    assert len(twice.numbers) == len(once.numbers) + 1
    assert set(once.numbers) < set(twice.numbers)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("length", "part"), [(300, 0.5), (2_000, 0.3), (8_000, 0.7)])
def test_the_share_of_sketches_is_close_to_the_true_one(seed, length, part):
    text = long_text(seed, length).split()
    whole, piece = " ".join(text), " ".join(text[: int(length * part)] + long_text(seed + 99, length // 4).split())
    a, b = fingerprint("t", whole), fingerprint("t", piece)
    cut = min(a.cut, b.cut)
    one, other = set(below(b.sketch, cut)), set(below(a.sketch, cut))
    ids = [[hash(word) & 0xFFFFFFFF for word in words(told)] for told in (piece, whole)]
    runs = [set(runs_of(one, 3)) for one in ids]
    true = len(runs[0] & runs[1]) / len(runs[0])
    assert len(one & other) / len(one) == pytest.approx(true, abs=0.1)
