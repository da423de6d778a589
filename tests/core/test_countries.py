"""The country of a domain, where its top level says one."""

from __future__ import annotations

import pytest

from newswire.core.countries import country_of_domain


@pytest.mark.parametrize(
    ("domain", "country"),
    [
        ("bbc.co.uk", "GB"),
        ("lemonde.fr", "FR"),
        ("xn--e1afmkfd.xn--p1ai", "RU"),
        ("eltiempo.com.co", "CO"),
        ("startup.co", None),  # sold all over the world
        ("rt.tv", None),
        ("mining.com", None),
        ("europa.eu", None),
        ("harbour.example", None),
        ("", None),
    ],
)
def test_a_top_level_says_a_country_unless_it_is_sold_everywhere(domain: str, country: str | None):
    assert country_of_domain(domain) == country
