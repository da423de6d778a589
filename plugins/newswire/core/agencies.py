"""Bylines that name a news agency: the text came over its wire, whoever prints it."""

from __future__ import annotations

import re
from collections.abc import Iterable

# General wires by the names that their clients print; smaller ones are known by what they call themselves.
_NAMES = frozenset(
    name.strip()
    for name in """
    reuters, thomson reuters, rtrs, afp, agence france-presse, agence france presse, ap, associated press,
    the associated press, upi, united press international, dpa, apa, ansa, efe, agencia efe, lusa, belga, anp, ntb, ritzau, tt,
    stt, pap, čtk, ctk, tasr, mti, tanjug, agerpres, anadolu, anadolu ajansı, aa, tass, тасс, itar-tass, interfax, интерфакс,
    риа новости, укринформ, укрінформ, ukrinform, xinhua, 新华社, 新華社, 中新社, kyodo, kyodo news, 共同, 共同通信, 時事通信, jiji press,
    yonhap, 연합뉴스, pti, ani, ians, aap, bernama, antara, bloomberg news, canadian press, the canadian press, press association,
    pa media, keystone-sda, sda, ats, رويترز, أ ف ب, واس, وام
    """.replace("\n", " ").split(",")
)
_CALLED = re.compile(
    r"\b(?:news|press|wire) (?:agency|service)\b|\bnewswire\b|\bnachrichtenagentur\b|\bagence de presse\b|"
    r"\bagencia de noticias\b|\bagenzia (?:di stampa|stampa)\b|\bagência de notícias\b|\bagencja prasowa\b|"
    r"информационное агентство|інформаційне агентство|\bajansı\b|通讯社|通訊社|通信社|통신$|وكالة أنباء|وكالة الأنباء",
    re.IGNORECASE,
)


def agency_in(authors: Iterable[str]) -> str | None:
    """The first author that is a news agency, as the byline writes it; None: none is."""
    return next((author for author in authors if _is_agency(author)), None)


def _is_agency(author: str) -> bool:
    return author.strip().casefold() in _NAMES or _CALLED.search(author) is not None
