import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswire.core.text import clean_text, plain_text, sentence_around, sentences

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)


# --- clean_text ------------------------------------------------------------------------------------------------------


@given(ANYTHING)
def test_clean_text_can_be_stored_and_is_stable(value):
    clean = clean_text(value)
    assert clean_text(clean) == clean
    assert clean.encode("utf-8").decode("utf-8") == clean
    assert unicodedata.is_normalized("NFC", clean)
    assert all(char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"} for char in clean)


def test_letters_with_marks_are_composed():
    assert clean_text("re\u0301sume\u0301") == "résumé"


def test_a_control_character_between_letter_and_mark_does_not_keep_them_apart():
    assert clean_text("e\x00\u0301") == "é"


def test_all_line_breaks_become_one_newline_each():
    assert clean_text("a\r\nb\rc\x85d\u2028e\n\nf\tg") == "a\nb\nc\nd\ne\n\nf\tg"


def test_joiners_that_scripts_need_are_kept():
    assert clean_text("می\u200cخواهم") == "می\u200cخواهم"


# --- plain_text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>Rare <b>earths</b></p><p>from Greenland</p>", "Rare earths\nfrom Greenland"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>Dysprosium</li><li>Terbium</li></ul>", "Dysprosium\nTerbium"),
        ("a<script>var x = '<p>no</p>'</script> b<style>p{}</style>", "a b"),
        ("Terres&nbsp;rares &amp; m&eacute;taux &#8211; l&#x2019;essentiel", "Terres rares & métaux – l’essentiel"),
        ("Tom &amp;amp; Jerry", "Tom &amp; Jerry"),
        ("prices < 5 and > 3", "prices < 5 and > 3"),
        ("profit up 5<6 per cent &amp; more", "profit up 5<6 per cent & more"),
        ("first line\nsame paragraph\n\nsecond", "first line same paragraph\nsecond"),
        ("<![CDATA[kept]]> and more", "kept and more"),
        ("<div>unclosed <em>markup", "unclosed markup"),
        ("<!-- gone -->here", "here"),
        ("bad &#0;&#xD800;&#1; references", "bad �� references"),
        ('<?xml version="1.0" encoding="latin-1"?><p>жизнь 中文 😀', "жизнь 中文 😀"),
        ('<meta charset="iso-8859-1"><p>жизнь', "жизнь"),
        ("", ""),
        ("<p></p>", ""),
    ],
)
def test_plain_text_of(fragment, text):
    assert plain_text(fragment) == text


@given(ANYTHING)
def test_plain_text_is_clean_and_has_no_empty_paragraph(fragment):
    text = plain_text(fragment)
    assert clean_text(text) == text
    assert text == "" or all(paragraph.strip() for paragraph in text.split("\n"))


def test_only_the_first_characters_are_read():
    assert plain_text("word " * 1000, max_chars=9) == "word word"


@pytest.mark.parametrize("hostile", ["<div>" * 150_000, "<a " + "x=1 " * 100_000, "<" * 500_000, "&" * 500_000])
def test_hostile_fragments_cost_little(hostile):
    started = time.process_time()
    plain_text(hostile + "text")
    assert time.process_time() - started < 2


# --- sentences -------------------------------------------------------------------------------------------------------


def texts(text):
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "whole",
    [
        "Mr. Smith met Dr. Brown at 3.5 per cent.",
        "The U.S. President said so.",
        "J. R. R. Tolkien wrote it.",
        "Am 3. Oktober wird gefeiert.",
        "Siehe newswire.example.org für mehr.",
        '"Why?" he asked.',
        "Wait... what happened?",
        "Добыча выросла до 5 млн. Тонн стало больше.",  # the price of knowing "млн."
    ],
)
def test_one_sentence_stays_whole(whole):
    assert texts(whole) == [whole]


@pytest.mark.parametrize(
    "parts",
    [
        ["Rare earths rose.", "Copper fell!", "Why?"],
        ["Il a dit « oui ».", "Puis il partit."],
        ["中国限制稀土出口。", "价格上涨！", "为什么？"],
        ["क्या हुआ?", "कीमतें बढ़ीं।", "बाजार बंद है।"],
        ["هل ارتفعت الأسعار؟", "نعم."],
        ["First paragraph without stop", "Second one."],
        ["It grew in 2024.", "Then it fell."],
        ["Growth was 5.2.", "Nobody knew."],
        ["And so on…", "Next."],
    ],
)
def test_sentences_end_at_their_stops(parts):
    separator = "\n" if "without stop" in parts[0] else " "
    assert texts(separator.join(parts)) == parts


def test_a_dot_that_begins_a_line_is_no_ordinal_of_the_number_above():
    assert texts("0\n. Grain fell.") == ["0", ".", "Grain fell."]


def test_chinese_sentences_need_no_space():
    assert texts("他说：“稀土很重要。”价格上涨。") == ["他说：“稀土很重要。”", "价格上涨。"]


@given(ANYTHING)
def test_sentences_are_ordered_and_leave_out_only_white_space(text):
    spans = sentences(text)
    covered = 0
    for start, end in spans:
        assert covered <= start < end
        assert not text[covered:start].strip()
        covered = end
    assert not text[covered:].strip()


def test_sentence_around_gives_the_sentence_of_the_match():
    text = "Copper fell. China curbs rare earth exports. Markets shrug."
    start = text.index("rare earth")
    assert sentence_around(text, start, start + 10) == "China curbs rare earth exports."


def test_a_match_over_two_sentences_gives_both():
    text = "A first. Second here. Third."
    assert sentence_around(text, 5, 12) == "A first. Second here."


def test_a_long_sentence_is_cut_at_words_around_the_match():
    text = "word " * 500 + "needle " + "word " * 500
    start = text.index("needle")
    quotation = sentence_around(text, start, start + 6)
    assert len(quotation) <= 600
    assert quotation.startswith("…word")
    assert quotation.endswith("word…")
    assert "needle" in quotation


@given(ANYTHING, st.integers(0, 200), st.integers(0, 50))
def test_sentence_around_never_fails_and_is_bounded(text, start, length):
    start = min(start, len(text))
    assert len(sentence_around(text, start, min(len(text), start + length), max_chars=60)) <= 60
