import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newswire.core.topics.folding import fold
from newswire.core.topics.patterns import PatternProblem, find_span, parse_pattern


def found(written, text, **kind):
    """The spans of the original text that a pattern matches."""
    pattern = parse_pattern(written, language="en", **kind)
    folded = fold(text)
    starts = [match.start() for match in re.finditer(f"(?={re.escape(pattern.literal)})", folded.text)]
    spans = [find_span(folded.text, at, at + len(pattern.literal), pattern.parts) for at in starts]
    return [text[slice(*folded.span(*span))] for span in spans if span is not None]


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        # a phrase
        (
            "peace talks",
            "The peace talks began; PEACE-TALKS, peace – talks.",
            ["peace talks", "PEACE-TALKS", "peace – talks"],
        ),
        ("peace talks", "peacetalks, peace talksx, xpeace talks", []),
        ("peace talks", "They want peace\ntalks begin", []),
        ("peace talks", "peace, talks", []),
        # a beginning
        ("переговор*", "О переговорах, переговоры", ["переговорах", "переговоры"]),
        ("uran*", "Quran and Uranus", ["Uranus"]),
        # inside a word
        ("*verhandlung*", "Friedensverhandlungen und Verhandlung", ["Friedensverhandlungen", "Verhandlung"]),
        ("*handlung", "Verhandlung Verhandlungen", ["Verhandlung"]),
        # open ends inside a phrase
        ("selten* erd*", "Seltene Erden, seltener Erde, selten", ["Seltene Erden", "seltener Erde"]),
        ("peace *talks", "peace pre-talks, peace pretalks", ["peace pretalks"]),
        # gaps
        ("end ..2 war", "end war, end the war, end this long war", ["end war", "end the war", "end this long war"]),
        ("end ..2 war", "end of this long war, end\nwar", []),
        ("end ..1 war", "end (the) war", ["end (the) war"]),
        ("end ..3 war", "end the war of the war", ["end the war"]),
        ("稀土 ..2 出口", "稀土的出口，稀土价格出口，稀土价格和出口", ["稀土的出口", "稀土价格出口"]),
        # scripts without spaces, Korean endings, mixed scripts
        ("稀土", "中国稀土出口", ["稀土"]),
        ("レアアース", "南鳥島のレアアース泥", ["レアアース"]),
        ("희토류", "중국산 희토류를 수입", ["희토류"]),
        ("LNG", "進口LNG船, xLNG", ["LNG"]),
        # marks belong to their letters
        ("रूस", "रूस और रूसी", ["रूस"]),
        ("रूस*", "रूस और रूसी", ["रूस", "रूसी"]),
        # apostrophes and clitics
        ("ukraine", "l’Ukraine d'Ukraine", ["Ukraine", "Ukraine"]),
        ("пам'ят*", "пам’ять", ["пам’ять"]),
        ("*مفاوضات", "والمفاوضات", ["والمفاوضات"]),
    ],
)
def test_pattern_matches(pattern, text, words):
    assert found(pattern, text) == words


@pytest.mark.parametrize(
    "written",
    [
        "",
        "*",
        "**",
        "a**b",
        "peace*talks",
        "***word",
        "..2 war",
        "end ..2",
        "end ..2 ..2 war",
        "end ..x war",
        "end ..0 war",
        "end ..10 war",
    ],
)
def test_what_is_no_pattern_is_refused_with_a_mend(written):
    with pytest.raises(PatternProblem, match="; "):
        parse_pattern(written, language="en")


@pytest.mark.parametrize("written", ["*word", "two *words", "one ..2 two"])
def test_an_exact_pattern_is_plain_words(written):
    with pytest.raises(PatternProblem, match="exact"):
        parse_pattern(written, language="en", exact=True)


# --- Against a naive reading with regular expressions ----------------------------------------------------------------

LETTER = "[abcé]"
SIGN = "[稀土]"
BETWEEN = r"[ ,]"  # what the texts below hold between words, the line break aside
WORD = f"(?:{LETTER}+(?!{LETTER})|{SIGN})"
EDGE = f"(?:(?<!{LETTER})|(?!{LETTER}))"

texts = st.text(st.sampled_from("abcé ,-\n稀土"), max_size=30)
words = st.text(st.sampled_from("abcé"), min_size=1, max_size=2)
signs = st.text(st.sampled_from("稀土"), min_size=1, max_size=2)
written_words = st.builds(
    lambda left, word, right: left + word + right,
    st.sampled_from(["", "*"]),
    st.one_of(words, signs),
    st.sampled_from(["", "*"]),
)
written_patterns = st.lists(
    st.tuples(written_words, st.sampled_from(["", "..1 ", "..2 "])), min_size=1, max_size=3
).map(lambda parts: " ".join((gap if at else "") + word for at, (word, gap) in enumerate(parts)))


def naive_spans(written, text):
    """The same by the definition of the language, one regular expression for each place where the pattern may begin."""
    tokens = written.split(" ")
    first = tokens[0]
    rest = naive_rest(tokens)
    body = first.strip("*")
    for at in range(len(text)):
        end = re.compile(re.escape(body) + rest).match(text, at)
        if end is None:
            continue
        begin = at
        if first.startswith("*"):
            while begin and re.fullmatch(LETTER, text[begin - 1]) and re.match(LETTER, text[begin:]):
                begin -= 1
        elif not re.compile(EDGE).match(text, at):
            continue
        yield begin, end.end()


def naive_rest(tokens):
    rest = naive_end(tokens[0])
    gap = None
    for token in tokens[1:]:
        if token.startswith(".."):
            gap = int(token[2:])
            continue
        rest += " " if gap is None else f"(?:{BETWEEN}*{WORD}){{0,{gap}}}?{BETWEEN}*"
        rest += (f"(?:{LETTER}*?(?={LETTER}))?" if token.startswith("*") else "") + re.escape(token.strip("*"))
        rest += naive_end(token)
        gap = None
    return rest


def naive_end(token):
    return (f"(?:(?<={LETTER}){LETTER}*)?" if token.endswith("*") else "") + EDGE


def spans(written, text):
    pattern = parse_pattern(written, language="en")
    for at in range(len(text)):
        if text.startswith(pattern.literal, at):
            span = find_span(text, at, at + len(pattern.literal), pattern.parts)
            if span is not None:
                yield span


@st.composite
def patterns_with_texts(draw):
    """A pattern, and a text made of its words and others, so that it is often found."""
    written = draw(written_patterns)
    bodies = [token.strip("*") for token in written.split(" ") if not token.startswith("..")]
    pieces = st.sampled_from([*bodies, *bodies, " ", " ", "a", "土", ", ", "-", "\n"])
    return written, "".join(draw(st.lists(pieces, max_size=12)))


@settings(deadline=None)
@given(st.one_of(patterns_with_texts(), st.tuples(written_patterns, texts)))
def test_spans_are_those_of_a_naive_reading(pattern_and_text):
    written, text = pattern_and_text
    folded = fold(text).text
    assert set(spans(written, folded)) == set(naive_spans(written, folded))
