"""Bytes to text. A feed's own word about its encoding is the last thing to believe.

One stray byte made feedparser read whole UTF-8 documents as windows-1250 or IBM865, depending on which detector happened
to be installed. So feedparser never sees a byte that is not UTF-8: the decision is made here.
"""

from __future__ import annotations

import codecs
import re
import zlib

from newswire.core.feeds.refusals import NotAFeed, UnreadableFeed

_MAX_BYTES = 50_000_000  # what the sitemap protocol allows for one file, unpacked
_GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<" or "{" and an ASCII letter look in the wide encodings (XML 1.0, appendix F).
_WIDE = (
    (re.compile(rb"[<{]\0\0\0.\0\0\0", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{]\0\0\0.", re.DOTALL), "utf-32-be"),
    (re.compile(rb"[<{]\0.\0", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\0[<{]\0.", re.DOTALL), "utf-16-be"),
)
_SHIFTED = re.compile(rb"\x1b[$(]|~\{")  # ISO-2022 and HZ: every byte is ASCII, and most do not mean it
_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)

# What people mean by a name (WHATWG Encoding Standard): the superset that is really in use.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_FALLBACK = "cp1252"
_GUESSES_OF_SERVERS = frozenset({"cp1252"})  # the charset that servers send for everything
_SHIFTED_CODECS = frozenset({"hz", "iso2022_jp", "iso2022_kr", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_ext"})
# Never what a feed is written in: UTF-7 hides markup, the others are Python's own or very slow.
_REFUSED_CODECS = frozenset({"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_MOSTLY = 9  # valid sequences for each stray byte that make a document UTF-8 with an accident, not something else


def decode(body: bytes, content_type: str | None) -> tuple[str, list[str]]:
    """The text of a document, and what had to be repaired. Raises NotAFeed for nothing, UnreadableFeed for bad gzip."""
    body = _unpacked(body)
    if not body.strip(b"\0 \t\r\n"):
        raise NotAFeed("the document is empty")
    if wide := _marked(body):
        return _decoded(body, wide), []
    claims = _claims(body, content_type)
    encoding = _chosen(body, claims)
    text = _decoded(body, encoding)
    return text, [*_overruled(body, claims, encoding), *_stray(text)]


def _unpacked(body: bytes) -> bytes:
    """Sitemaps are often gzip files of their own; one layer is opened, to its end."""
    if not body.startswith(_GZIP):
        return body
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        inner = unzip.decompress(body, _MAX_BYTES)
    except zlib.error as error:
        raise UnreadableFeed(f"broken gzip: {error}") from error
    if not unzip.eof:
        raise UnreadableFeed(f"gzip without its end, or with more than {_MAX_BYTES:,} bytes")
    if inner.startswith(_GZIP):
        raise UnreadableFeed("more than one layer of gzip")
    return inner


def _marked(body: bytes) -> str | None:
    """The encoding that the first bytes prove."""
    by_mark = (name for mark, name in _BOMS if body.startswith(mark))
    by_width = (name for pattern, name in _WIDE if pattern.match(body))
    return next(by_mark, None) or next(by_width, None)


def _claims(body: bytes, content_type: str | None) -> list[str]:
    """The encodings that the document and its server name, in the order in which we believe them."""
    in_document = _DECLARATION.search(body[:1024])
    in_header = _CHARSET.search(content_type or "")
    document = _codec(in_document[1].decode("ascii", "replace")) if in_document else None
    header = _codec(in_header[1]) if in_header else None
    ordered = [document, header] if header in _GUESSES_OF_SERVERS else [header, document]
    return [claim for claim in ordered if claim]


def _codec(name: str) -> str | None:
    """Python's name of an encoding; None for one that it does not know, or that no feed is written in."""
    try:
        codec = codecs.lookup(name.lower()).name
        "".encode(codec)  # refuses the codecs that are no text encodings
    except (LookupError, ValueError):
        return None
    return None if codec in _REFUSED_CODECS else _SUPERSETS.get(codec, codec)


def _chosen(body: bytes, claims: list[str]) -> str:
    """Valid UTF-8 is UTF-8 whatever is claimed; then the first claim that fits; then UTF-8 with accidents."""
    for claim in claims:
        if claim in _SHIFTED_CODECS and _SHIFTED.search(body):
            return claim
    good, bad = _utf8_sequences(body)
    if good >= _MOSTLY * bad:
        return "utf-8"
    legacy = [claim for claim in claims if not claim.startswith("utf")]
    return next((claim for claim in legacy if _fits(body, claim)), "utf-8" if good > bad else _FALLBACK)


def _utf8_sequences(body: bytes) -> tuple[int, int]:
    """How many characters beyond ASCII are valid UTF-8, and how many bytes are not."""
    text = body.decode("utf-8", "surrogateescape")
    bad = len(text.encode("utf-8", "surrogateescape")) - len(text.encode("utf-8", "ignore"))
    return len(text) - len(text.encode("ascii", "ignore")) - bad, bad


def _fits(body: bytes, codec: str) -> bool:
    try:
        body.decode(codec, "strict" if codec != _FALLBACK else "replace")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(body: bytes, encoding: str) -> str:
    return body.decode(encoding, _AS_WINDOWS if encoding == "utf-8" else "replace").removeprefix("\ufeff")


def _overruled(body: bytes, claims: list[str], encoding: str) -> list[str]:
    differs = claims and encoding not in claims and not body.isascii()
    return [f"declared as {claims[0]}, read as {encoding}"] if differs else []


def _stray(text: str) -> list[str]:
    count = text.count("\ufffd")
    return [f"{count} characters could not be decoded"] if count else []


def _read_as_windows(error: UnicodeError) -> tuple[str, int]:
    """A lone byte that is not UTF-8 was pasted from a Windows text; a broken sequence is lost."""
    assert isinstance(error, UnicodeDecodeError)
    stray = error.object[error.start : error.end]
    return (stray.decode(_FALLBACK, "replace") if len(stray) == 1 else "\ufffd"), error.end


_AS_WINDOWS = "newswire.as_windows"
codecs.register_error(_AS_WINDOWS, _read_as_windows)
