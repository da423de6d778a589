"""Text that every later stage can trust: clean characters, plain paragraphs, sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, pairwise

from lxml import etree

# --- Characters ------------------------------------------------------------------------------------------------------

_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# PostgreSQL refuses NUL and lone surrogates; the other control characters are never text.
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def clean_text(value: str) -> str:
    """The same text in NFC, without NUL, lone surrogates and control characters; every line break is one newline."""
    return unicodedata.normalize("NFC", _NOT_TEXT.sub("", _LINE_BREAKS.sub("\n", value)))


# --- HTML to text ----------------------------------------------------------------------------------------------------

_MAX_CHARS = 1_000_000
_BLOCKS = frozenset(
    "address article aside blockquote br caption center dd details dialog div dl dt fieldset figcaption figure footer form"  # noqa: SIM905 - read as a list of words
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead title tr ul".split()
)
_SILENT = frozenset("applet embed iframe math noembed object script style svg template".split())  # noqa: SIM905 - the same
_MARKUP = re.compile(r"<[!/?a-zA-Z]|&[#a-zA-Z]")
_CDATA_MARKS = re.compile(r"<!\[CDATA\[|\]\]>")
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n")
_SPACES = re.compile(r"\s+")
_BREAK = "\0"  # a paragraph ends here; clean text holds no NUL of its own


def plain_text(fragment: str, *, max_chars: int = _MAX_CHARS) -> str:
    """The text of an HTML fragment, paragraphs separated by one newline; scripts and styles are left out.

    Without any markup it is read as `paragraphs` reads it. At most `max_chars` characters of the fragment are read.
    """
    fragment = clean_text(fragment[:max_chars])
    return _joined(_text_nodes(fragment)) if _MARKUP.search(fragment) else paragraphs(fragment)


def paragraphs(text: str, *, max_chars: int = _MAX_CHARS) -> str:
    """Text that is no HTML, its paragraphs (which blank lines separate) one line each."""
    return _joined(_BLANK_LINES.sub(_BREAK, clean_text(text[:max_chars])))


def _text_nodes(fragment: str) -> str:
    """All text of the fragment in its order, with a break where a block begins or ends."""
    parser = etree.HTMLParser(target=_TextCollector(), encoding="utf-8", huge_tree=True)
    parser.feed(_CDATA_MARKS.sub(" ", fragment).encode())
    return str(parser.close())


class _TextCollector:
    """Takes the events of the HTML parser. No tree is built: 100,000 nested tags cost 60 ms and no stack."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._silent_depth = 0

    def start(self, tag: str | bytes, _attributes: object) -> None:
        if tag in _SILENT:
            self._silent_depth += 1
        if tag in _BLOCKS:
            self._pieces.append(_BREAK)

    def end(self, tag: str | bytes) -> None:
        if tag in _SILENT:
            self._silent_depth -= 1
        if tag in _BLOCKS:
            self._pieces.append(_BREAK)

    def data(self, data: str | bytes) -> None:
        if not self._silent_depth:
            self._pieces.append(str(data).replace(_BREAK, ""))

    def comment(self, _text: object) -> None:
        """Comments are no text."""

    def close(self) -> str:
        return "".join(self._pieces)


def _joined(pieces: str) -> str:
    """Spaces collapsed, empty paragraphs dropped. References may have brought control characters: cleaned again."""
    lines = (_SPACES.sub(" ", clean_text(piece)).strip() for piece in pieces.split(_BREAK))
    return "\n".join(line for line in lines if line)


# --- Sentences -------------------------------------------------------------------------------------------------------

_MAX_SENTENCE_CHARS = 600
_CLOSERS = "\"'»”’›)\\]}」』）】》〉"
# A space follows the first kind (so "3.5" and "example.org" stay whole), Chinese and Japanese stops need none.
_SPACED, _UNSPACED = ".!?…؟۔।॥։።။៖", "。！？｡"
# One set of first signs, and only then which kind: so what lies between is skipped at a fifth of the cost.
_STOPS = re.compile(
    rf"[{_SPACED}{_UNSPACED}\n](?:(?<=[{_SPACED}])[{_SPACED}]*[{_CLOSERS}]*(?=\s|$)"
    rf"|(?<=[{_UNSPACED}])[{_UNSPACED}]*[{_CLOSERS}]*|(?<=\n)\n*)"
)
_WORD = re.compile(r"[\w.]*")
_NEXT_LETTER = re.compile(r"\s*[\"'«“‘„‚‹(\[{¿¡—–-]*\s*(\w)")
_LETTERS_AND_DOTS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")  # J | U.S | e.g
_DAY_NUMBER = re.compile(r"\d{1,2}")  # "am 3. Oktober"
_ABBREVIATIONS = frozenset(
    # English, German, French/Spanish/Portuguese/Italian, Russian, others
    "mr mrs ms dr prof st jr sr gov sen rep gen col lt capt sgt rev hon pres amb vs etc inc ltd corp co bros dept est"  # noqa: SIM905 - read as a list of words
    " no nos vol fig approx jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun"
    " hr fr bzw ca evtl ggf inkl mio mrd nr sog str tel usw vgl zzgl abs art bd"
    " mme mlle mm av env éd sra sres srta dra dres ud uds pág núm exmo sig dott ing avv"
    " г гг тыс млн млрд руб ул им проф см др"
    " dhr mevr mw drs bijv enz jl kl mfl bl pkt tzw tzn np mgr inż atd apod tzv č vb".split()
)


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a text as (start, end) offsets, in order, without the white space around them."""
    return list(_spans(text))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """One sentence after the other, read no further than asked."""
    ends = (stop.end() for stop in _STOPS.finditer(text) if _ends_sentence(text, stop))
    spans = (_trimmed(text, start, end) for start, end in pairwise(chain((0,), ends, (len(text),))))
    return ((start, end) for start, end in spans if start < end)


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    if text[stop.start()] == "\n":
        return True
    following = _NEXT_LETTER.match(text, stop.end(), stop.end() + 20)
    if following is not None and following[1].islower() and "\n" not in following[0]:
        return False
    return stop[0] != "." or not _is_abbreviation(text, stop.start())


def _is_abbreviation(text: str, dot: int) -> bool:
    """Whether the word before the dot needs its dot: a known short form, an initial, an ordinal number."""
    backwards = _WORD.match(text[max(0, dot - 20) : dot][::-1])  # so that it costs one look, and ends at a line break
    assert backwards is not None
    word = backwards[0][::-1]
    return (
        word.lower() in _ABBREVIATIONS
        or _LETTERS_AND_DOTS.fullmatch(word) is not None
        or _DAY_NUMBER.fullmatch(word) is not None
    )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def sentence_around(text: str, start: int, end: int, *, max_chars: int = _MAX_SENTENCE_CHARS) -> str:
    """The sentence (or sentences) that hold text[start:end], as a quotation of at most `max_chars` characters.

    A longer sentence is cut at spaces around the span and marked with an ellipsis. Only the surroundings are read, so
    the cost does not grow with the text.
    """
    window_start, window_end = max(0, start - max_chars), min(len(text), end + max_chars)
    window = text[window_start:window_end]
    first, last = _bounds(window, start - window_start, max(end, start + 1) - window_start)
    if first >= last:
        return text[start:end][:max_chars]
    first, last = window_start + first, window_start + last
    return _quotation(text, (first, last), (start, end), max_chars)


def _bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence (or sentences) that hold text[start:end] begin and end; of the stops only the nearest are judged."""
    before: list[re.Match[str]] = []
    last = len(text)
    for stop in _STOPS.finditer(text):
        if stop.end() <= start:
            before.append(stop)
        elif stop.end() >= end and _ends_sentence(text, stop):
            last = stop.end()
            break
    first = next((stop.end() for stop in reversed(before) if _ends_sentence(text, stop)), 0)
    return _trimmed(text, first, last)


def _quotation(text: str, sentence: tuple[int, int], match: tuple[int, int], max_chars: int) -> str:
    """The sentence, cut to a part around the match where it is too long."""
    (first, last), (start, end) = sentence, match
    if last - first <= max_chars:
        return " ".join(text[first:last].split())
    room = max(0, max_chars - 2 - (end - start)) // 2
    head = _after_space(text, start - room, start) if start - room > first else first
    limit = min(end + room, head + max_chars - 2)
    tail = _before_space(text, end, limit) if limit < last else last
    return ("…" if head > first else "") + _SPACES.sub(" ", text[head:tail]) + ("…" if tail < last else "")


def _after_space(text: str, head: int, start: int) -> int:
    """Where the next word begins; `head` itself in a script without spaces."""
    return text.find(" ", head, start) + 1 or head


def _before_space(text: str, end: int, tail: int) -> int:
    """Where the last whole word ends; `tail` itself in a script without spaces."""
    space = text.rfind(" ", end, tail)
    return tail if space < 0 else space
