"""Web addresses: which two are the same, which site they belong to, where a link leads."""

from __future__ import annotations

import hashlib
import re
import string
from ipaddress import IPv6Address
from typing import NamedTuple, TypeGuard
from urllib.parse import quote, unquote, urljoin

import idna
import tld

_MAX_CHARS = 8_192
_DEFAULT_PORTS = frozenset({"", "80", "443"})  # of both schemes, because both are the same to us

# Parameters that say where a reader came from, not which page it is.
_TRACKER = re.compile(
    r"(?:utm|mtm|pk|hsa|guce|gad|piwik|matomo|sfmc|oly|vero|itm)_.*|at_(?:campaign|medium|custom|link|bbc|ptr|format).*"
    r"|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|srsltid|yclid|ysclid|twclid|msclkid|igshid|igsh|ttclid|li_fat_id|epik|ns_(?:mchannel|source|campaign|linkname|fee)"
    r"|mc_[ce]id|_hsenc|_hsmi|mkt_tok|ml_subscriber(?:_hash)?|_bhlid|wickedid|rb_clickid|_branch_match_id"
    r"|sc_cid|s_cid|cmpid|wt[._](?:mc_id|mc|zmc)|_openstat|xtor|_ga|_gl|guccounter|ref_src|ref_url|__twitter_impression"
    r"|usqp|amp_(?:js_v|gsa|r)",
    re.IGNORECASE,
)
_AMP_FLAG = re.compile(r"amp(?:=(?:1|true)?)?|outputtype=amp", re.IGNORECASE)  # the same page in Google's format

# Where Google keeps copies of AMP pages, and how it shows them: the page's own address stands in the path, after an `s`
# when it is https (AMP Cache URL format).
_AMP_CACHE = re.compile(r"(?:[a-z0-9-]+\.)?cdn\.ampproject\.org")
_AMP_VIEWER = re.compile(r"www\.google\.[a-z]{2,3}(?:\.[a-z]{2})?")
_IN_CACHE = re.compile(r"/(?:c|v|wp)/(?:s/)?(?P<inner>[^/]+\.[^/]+/?.*)", re.DOTALL)
_IN_VIEWER = re.compile(r"/amp/(?:s/)?(?P<inner>[^/]+\.[^/]+/?.*)", re.DOTALL)

# The URL Standard ignores white space and controls at the ends, tabs and line breaks anywhere, and reads \ as /.
_EDGES = "".join(map(chr, range(0x21)))
_BREAKS = re.compile("[\t\n\r]")
_PARTS = re.compile(
    r"(?P<scheme>https?):[/\\]*(?P<authority>[^/\\?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:\#(?P<fragment>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_LEADS_NOWHERE = re.compile(r"(?:https?:/*)?", re.IGNORECASE)  # joined with a base, it would be the base itself
_AUTHORITY = re.compile(r"(?:.*@)?(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d{0,5}))?", re.DOTALL)
_ASCII_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_MAX_HOST_CHARS = 253  # RFC 1035
_MAX_PORT = 65_535

# RFC 3986, section 2: what an address may hold as it is.
_UNRESERVED = string.ascii_letters + string.digits + "-._~"
_ALLOWED = re.escape(_UNRESERVED + "!$&'()*+,;=:@/?")
_TO_SPELL = re.compile(rf"%[0-9A-Fa-f]{{2}}|[^{_ALLOWED}]")
_ILLEGAL = re.compile(rf"%(?![0-9A-Fa-f]{{2}})|[^{_ALLOWED}%\[\]|]")


class _Address(NamedTuple):
    scheme: str
    host: str
    port: str  # empty for the default
    path: str
    query: str
    fragment: str


# --- Which address is it? --------------------------------------------------------------------------------------------


def normalize_url(url: str) -> str:
    """The one spelling of a web address, computed from the string alone; normalising twice changes nothing.

    https stands for both schemes; the host is lower case and ASCII; credentials, default ports, dot segments, trackers
    and fragments (except `#!`, which some sites route by) are gone; Google's copy of an AMP page is the page. This is the
    identity of an address: a request goes to the address as it was given. Whether `m.` or `/amp` is another page's twin is
    not for the string to say: such pages declare it (`core/articles/canonical.py`). Raises ValueError for anything but a
    web address.
    """
    address = _out_of_amp(_split(url))
    query = "&".join(pair for pair in address.query.split("&") if pair and not _is_tracker(pair))
    normalized = (
        f"https://{address.host}{address.port}{_without_dots(_spelled(address.path))}"
        + (f"?{_spelled(query)}" if query else "")
        + (f"#{_spelled(address.fragment)}" if address.fragment.startswith("!") else "")
    )
    if len(normalized) > _MAX_CHARS:
        raise ValueError(f"an address longer than {_MAX_CHARS:,} characters: {normalized[:100]}…")
    return normalized


def _out_of_amp(address: _Address) -> _Address:
    """The publisher's own address, where this one is Google's copy or view of it."""
    path = _without_dots(_spelled(address.path))
    if _AMP_CACHE.fullmatch(address.host):
        inner = _IN_CACHE.fullmatch(path)
    elif _AMP_VIEWER.fullmatch(address.host):
        inner = _IN_VIEWER.fullmatch(path)
    else:
        return address
    try:
        found = _split(f"https://{inner['inner']}") if inner else None
    except ValueError:
        return address
    return _out_of_amp(found._replace(query=address.query)) if found else address


def address_key(url: str) -> bytes:
    """The natural key of an address: SHA-256 of its normalised spelling, 32 bytes."""
    return hashlib.sha256(normalize_url(url).encode()).digest()


def is_address(link: str | None) -> TypeGuard[str]:
    """Whether a link is a web address at all."""
    try:
        return bool(link and normalize_url(link))
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host of a web address, lower case and ASCII, without port. Raises ValueError for anything else."""
    return _split(url).host


def registrable_domain(url_or_host: str) -> str:
    """The domain somebody registered: `bbc.co.uk` for `https://news.bbc.co.uk/x`; the host itself where there is none."""
    host = host_of(url_or_host if "/" in url_or_host else f"https://{url_or_host}")
    return tld.get_fld(f"https://{host}/", fail_silently=True) or host


def same_site(a: str, b: str) -> bool:
    """Whether two addresses belong to one registrable domain."""
    return registrable_domain(a) == registrable_domain(b)


# --- Where does a link lead? -----------------------------------------------------------------------------------------


def resolve(base: str, link: str) -> str | None:
    """Where a link found at `base` leads, as a complete address that can be requested; None: nowhere on the web.

    A link to Google's copy of a page leads to the page: its publisher is asked, not Google.
    """
    link = _tidy(link).replace("\\", "/")
    if link.lower().startswith("www."):  # a host without its scheme: a common mistake in feeds
        link = f"https://{link}"
    if _LEADS_NOWHERE.fullmatch(link):
        return None
    try:
        return _as_given(_out_of_amp(_split(urljoin(base, link))))
    except ValueError:
        return None


def _as_given(address: _Address) -> str:
    """The address in its own spelling, with only those characters changed that no request may hold."""
    path, query, fragment = map(_legal, (address.path or "/", address.query, address.fragment))
    return (
        f"{address.scheme}://{address.host}{address.port}{path}"
        + (f"?{query}" if query else "")
        + (f"#{fragment}" if fragment else "")
    )


def without_referrer(url: str, host: str) -> str:
    """The address without a `ref=` parameter that only names the host the link was published on (Ghost adds it)."""
    head, mark, query = url.partition("?")
    kept = [pair for pair in query.split("&") if pair.lower() != f"ref={host}"]
    return head + mark + "&".join(kept) if kept else head


# --- Parts -----------------------------------------------------------------------------------------------------------


def _split(url: str) -> _Address:
    parts = _PARTS.fullmatch(_tidy(url))
    authority = _AUTHORITY.fullmatch(parts["authority"]) if parts else None
    if parts is None or authority is None:
        raise ValueError(f"not a web address: {url[:100]!r}")
    return _Address(
        scheme=parts["scheme"].lower(),
        host=_ascii_host(authority["host"]),
        port=_port(authority["port"] or ""),
        path=parts["path"].replace("\\", "/"),
        query=parts["query"] or "",
        fragment=parts["fragment"] or "",
    )


def _tidy(url: str) -> str:
    return _BREAKS.sub("", url.strip(_EDGES))


def _ascii_host(host: str) -> str:
    if host.startswith("["):
        return f"[{IPv6Address(host[1:-1]).compressed}]"
    name = unquote(host).lower().rstrip(".")
    name = name if name.isascii() else _punycode(name)
    if not _ASCII_HOST.fullmatch(name) or len(name) > _MAX_HOST_CHARS:
        raise ValueError(f"not a host name: {host[:100]!r}")
    return name


def _punycode(name: str) -> str:
    """The ASCII form of an international name; the older rules allow what the newer ones forbid, such as symbols."""
    try:
        return idna.encode(name, uts46=True).decode("ascii").rstrip(".")
    except idna.IDNAError:
        return name.encode("idna").decode("ascii").lower().rstrip(".")


def _port(digits: str) -> str:
    if int(digits or 0) > _MAX_PORT:
        raise ValueError(f"not a port: {digits}")
    port = digits.lstrip("0")
    return "" if port in _DEFAULT_PORTS else f":{port}"


def _is_tracker(pair: str) -> bool:
    return (
        _TRACKER.fullmatch(unquote(pair.partition("=")[0])) is not None
        or _AMP_FLAG.fullmatch(unquote(pair)) is not None
    )


def _spelled(part: str) -> str:
    """A path, query or fragment in its one spelling: only what must be escaped is, in upper case."""
    return _TO_SPELL.sub(_respell, part)


def _respell(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == len("%41") and found[0] == "%":
        char = chr(int(found[1:], 16))
        return char if char in _UNRESERVED else found.upper()
    return quote(found, safe="", errors="replace")


def _legal(part: str) -> str:
    """The part with only those characters escaped that no address may hold; escapes stay as they are."""
    return _ILLEGAL.sub(lambda match: quote(match[0], safe="", errors="replace"), part)


def _without_dots(path: str) -> str:
    """The path without `.` and `..` segments (RFC 3986, 5.2.4), never empty."""
    kept: list[str] = []
    *_, last = segments = path.split("/")[1:] or [""]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join([*kept, ""] if last in {".", ".."} else kept)
