"""Bytes of a page to text, as a browser would read them, but without guessing."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]{2,40})", re.IGNORECASE)
_HEAD_BYTES = 4_096  # the HTML standard looks at 1,024; news heads start with longer comments

# What the name of an encoding means on the web (encoding.spec.whatwg.org): the larger sibling that browsers use. Nothing
# else is asked of the codec registry, which also knows `unicode_escape` and `punycode`.
_WEB_ENCODINGS = {
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "euc_jp": "euc_jp",
    "euc_kr": "cp949",
    "cp949": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "iso2022_jp": "iso2022_jp",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "mac-cyrillic": "mac-cyrillic",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    **{f"cp{number}": f"cp{number}" for number in (866, 874, *range(1250, 1259))},
    **{f"iso8859-{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
}
_NOT_BELOW_UTF8 = frozenset({"iso2022_jp", "utf-16", "utf-16-le", "utf-16-be"})  # their bytes can look like UTF-8


def decode_html(body: bytes, content_type: str | None) -> str:
    """The text of a page: byte order mark, then UTF-8 where the bytes prove it, then what HTTP and the page declare.

    Bytes that no candidate explains come out as U+FFFD; nothing is ever raised.
    """
    declared = tuple(_declared(body, content_type))
    candidates = _in_order(body, declared)
    for encoding in candidates:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode(declared[0] if declared else "utf-8", errors="replace")


def _declared(body: bytes, content_type: str | None) -> Iterator[str]:
    """The encodings that the byte order mark, the HTTP header and the head of the page name, in this order."""
    yield from (encoding for mark, encoding in _MARKS if body.startswith(mark))
    for place in (content_type or "", body[:_HEAD_BYTES].decode("latin-1")):
        for name in _CHARSET.findall(place):
            if (encoding := _web_encoding(name)) is not None:
                yield encoding
                break


def _web_encoding(name: str) -> str | None:
    try:
        return _WEB_ENCODINGS.get(codecs.lookup(name).name)
    except LookupError:
        return None


def _in_order(body: bytes, declared: tuple[str, ...]) -> tuple[str, ...]:
    """UTF-8 comes before a declaration: a wrong header before right bytes is common, the opposite is not seen."""
    if declared and (declared[0] in _NOT_BELOW_UTF8 or body.startswith(_MARKS[0][0])):
        return declared
    return ("utf-8", *declared)
