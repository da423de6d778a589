import pytest

from newswire.core.agencies import agency_in


@pytest.mark.parametrize(
    "author", ["Reuters", "AFP", "dpa", "Associated Press", "Halyard News Agency", "新华社", "ТАСС", "Anadolu Ajansı"]
)
def test_a_byline_that_names_an_agency_is_known(author):
    assert agency_in(("Ann Lee", author)) == author


@pytest.mark.parametrize("authors", [(), ("Ann Lee",), ("Pressley Newsome",), ("April Agency",), ("Tass Webber",)])
def test_people_are_no_agencies(authors):
    assert agency_in(authors) is None
