import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newswire.core.topics.folding import fold

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80)
ODD = st.text(st.sampled_from("aÀé e\u0301ﬁ№½…–- \xad\u200b\n'’ёİıΣς稀　Ａｶﾞ\u064bﷺ\ud800"), max_size=40)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("RARE Earths", "rare earths"),
        ("rare-earth", "rare earth"),
        ("rare – earth", "rare earth"),
        ("rare\xa0 \u2009earth", "rare earth"),
        ("l’Ukraine", "l'ukraine"),
        ("Пётр", "петр"),
        ("İstanbul ve IĞDIR", "istanbul ve iğdir"),
        ("ıslak", "islak"),
        ("ΔΙΑΠΡΑΓΜΑΤΕΥΣΕΙΣ", "διαπραγματευσεισ"),
        ("διαπραγματεύσεις", "διαπραγματευσεισ"),
        ("încetării și ţări", "încetării și țări"),
        ("أيضاً", "ايضا"),
        ("مُحادَثات", "محادثات"),
        ("ज़ेलेंस्की", "जेलेंस्की"),
        ("Ver\xadhand\xadlung", "verhandlung"),
        ("ﬁnal №5", "final no5"),
        ("ＬＮＧ", "lng"),
        ("ｶﾞｽ", "ガス"),
        ("e\u0301te\u0301", "été"),
        ("稀土，出口", "稀土,出口"),
        ("one\r\ntwo\u2028three", "one\n\ntwo\nthree"),
    ],
)
def test_fold_of(text, folded):
    assert fold(text).text == folded


def test_common_text_keeps_its_offsets_without_any_table():
    text = "Moscou propose – « terres rares » : l’échange…"
    assert fold("Moscou propose : l’échange…").pieces == ()
    assert fold(text).starts


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        ("Chinas rare – earth Exporte", "rare earth", "rare – earth"),
        ("die Ver\xadhandlung begann", "verhandlung", "Ver\xadhandlung"),
        ("la ﬁn de la guerre", "fin", "ﬁn"),
        ("e\u0301te\u0301 et paix", "été", "e\u0301te\u0301"),
        ("جداً في أوكرانيا", "اوكرانيا", "أوكرانيا"),
        ("plain words", "words", "words"),
    ],
)
def test_span_leads_back_to_the_original(text, word, original):
    folded = fold(text)
    start = folded.text.index(word)
    first, last = folded.span(start, start + len(word))
    assert text[first:last] == original


def test_a_span_that_ends_inside_a_ligature_takes_it_whole():
    folded = fold("ofﬁce")
    assert folded.text == "office"
    assert folded.span(0, 3) == (0, 3)
    assert folded.span(3, 6) == (2, 5)


def test_every_single_character_folds_without_another_length_before_pieces_are_made():
    longer = [chr(code) for code in range(sys.maxunicode + 1) if len(chr(code).replace("İ", "i").lower()) != 1]
    assert longer == []


@settings(deadline=None)
@given(st.one_of(ANYTHING, ODD))
def test_every_folded_span_maps_to_a_span_of_the_original_in_order(text):
    folded = fold(text)
    previous = (0, 0)
    for at in range(len(folded.text)):
        first, last = folded.span(at, at + 1)
        assert 0 <= first < last <= len(text)
        assert (first, last) >= previous
        previous = (first, last)


@settings(deadline=None)
@given(st.one_of(ANYTHING, ODD))
def test_folding_what_a_span_covers_gives_at_least_the_folded_text(text):
    folded = fold(text)
    if folded.text.strip(" "):
        words = folded.text.strip(" ")
        start = folded.text.index(words)
        first, last = folded.span(start, start + len(words))
        assert words in fold(text[first:last]).text


@settings(deadline=None)
@given(st.text(st.sampled_from("abcé àЖё -–稀土\n,."), max_size=60))
def test_folding_twice_changes_nothing(text):
    once = fold(text).text
    assert fold(once).text == once


@settings(deadline=None)
@given(st.text(st.sampled_from("ab -–—\xa0\t\u3000é"), max_size=40))
def test_runs_of_spaces_and_dashes_are_one_space(text):
    assert "  " not in fold(text).text
