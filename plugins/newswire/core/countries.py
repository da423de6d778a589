"""Countries: which codes there are, and which country a top-level domain belongs to."""

from __future__ import annotations

import re

# ISO 3166-1 alpha-2, officially assigned, and XK, which Kosovo uses by agreement (ISO leaves X* to users).
COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
    CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
    GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
    SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
    VN VU WF WS XK YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - read as a list of words
)

# Country domains that are sold for their letters or to tax-free companies, and so say nothing of a country; what web search
# engines treat as generic, with those that news sites use that way (.co, .me, .tv).
_SOLD = frozenset(
    [
        "ac",
        "ad",
        "ag",
        "ai",
        "as",
        "bz",
        "cc",
        "cd",
        "cf",
        "co",
        "cx",
        "dj",
        "fm",
        "ga",
        "gg",
        "gl",
        "gq",
        "gs",
        "im",
        "io",
        "je",
        "la",
        "lc",
        "li",
        "ly",
        "me",
        "ml",
        "ms",
        "mu",
        "nu",
        "pn",
        "pw",
        "sc",
        "sh",
        "sr",
        "st",
        "sx",
        "tf",
        "tk",
        "to",
        "tv",
        "vc",
        "vg",
        "vu",
        "ws",
    ]
)
_OTHER_NAMES = {"uk": "GB", "xn--p1ai": "RU", "xn--j1amh": "UA", "xn--fiqs8s": "CN"}
_DOMAIN = re.compile(r"(?:(?:.+\.)?(?P<second>[a-z0-9-]+)\.)?(?P<top>[a-z0-9-]+)\.?")
_NOT_SOLD = frozenset({"com", "org", "net", "gov", "gob", "gouv", "edu", "ac", "co"})  # .com.co is Colombia, .co is not


def country_of_domain(domain: str) -> str | None:
    """The country that a domain's top level belongs to; None where it belongs to none, or is sold all over the world."""
    match = _DOMAIN.fullmatch(domain.lower())
    top = match["top"] if match else ""
    if top in _SOLD and match and match["second"] not in _NOT_SOLD:
        return None
    code = _OTHER_NAMES.get(top, top.upper())
    return code if code in COUNTRIES else None
